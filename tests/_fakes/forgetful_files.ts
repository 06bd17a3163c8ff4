import { basename, dirname } from "node:path";
import type { FileHandle, FileLayer, FileLock, FileStat } from "../../lib/io/file_layer.ts";
import { LockHeldError } from "../../lib/io/lock_held_error.ts";

/** What every call throws once the power is cut. */
export class PowerCut extends Error {
  override readonly name = "PowerCut";
}

/**
 * What of the unsynced changes a power cut leaves: none, all (then it was only the process that died), the first few
 * of each file and folder, the next one torn, or any of them, down to single sectors.
 */
export type Keep = "nothing" | "everything" | { readonly prefix: number } | { readonly some: number };

/** A disk in memory that forgets, when the power is cut, every byte and every name that was not synced. */
export interface ForgetfulDisk {
  /** The disk as one run of the machine sees it; dead after the next `cutPower`. */
  mount(): FileLayer;
  /** Calls so far, reads included. */
  readonly calls: number;
  /** Lets that call, and all after it, throw `PowerCut` instead of doing anything. */
  cutAtCall(call: number): void;
  /** Lets the next call of that kind throw once, having done nothing. */
  failNext(kind: "sync" | "writeAt" | "rename" | "syncFolder", error: Error): void;
  /** Ends the process, not the machine: locks are free, handles are dead, what was not synced is still in memory. */
  kill(): void;
  /** Cuts the power and starts the machine again. */
  cutPower(keep: Keep): void;
  /** Whole content of a file as a reader sees it now, for a test to damage. */
  peek(path: string): Uint8Array | undefined;
  /** Replaces a file's content, durably. */
  poke(path: string, bytes: Uint8Array): void;
}

type ByteChange = { readonly at: number; readonly bytes: Uint8Array } | { readonly sizeBytes: number };
type NameChange = { readonly removed?: string; readonly set?: readonly [string, FileNode] };

interface FileNode {
  readonly inode: number;
  durable: Uint8Array;
  current: Uint8Array;
  unsynced: ByteChange[];
}

interface Folder {
  durable: Map<string, FileNode>;
  current: Map<string, FileNode>;
  unsynced: NameChange[];
  isRemoved: boolean;
}

const SECTOR_BYTES = 512;

export function createForgetfulDisk(): ForgetfulDisk {
  const folders = new Map<string, Folder>([["/", makeFolderNode()]]);
  const failures = new Map<string, Error>();
  let locks = new Map<string, (() => void)[]>();
  let openNodes = new Map<FileNode, number>();
  let run = 0;
  let calls = 0;
  let cutAt = Infinity;

  function step(ofRun: number, kind: string): void {
    calls++;
    if (ofRun !== run || calls >= cutAt) throw new PowerCut(`no power for ${kind}`);
    const failure = failures.get(kind);
    failures.delete(kind);
    if (failure) throw failure;
  }

  function folderAt(path: string): Folder {
    const folder = folders.get(path);
    if (folder === undefined || folder.isRemoved) throw new Deno.errors.NotFound(`no folder ${path}`);
    return folder;
  }

  const folderOf = (path: string): Folder => folderAt(dirname(path));

  const nodeAt = (path: string): FileNode | undefined => {
    const folder = folders.get(dirname(path));
    return folder?.isRemoved ? undefined : folder?.current.get(basename(path));
  };

  function change(folder: Folder, nameChange: NameChange): void {
    applyName(folder.current, nameChange);
    folder.unsynced.push(nameChange);
  }

  /** The lowest free number, as real file systems give: a replaced file's number soon comes back. */
  function freeInode(): number {
    const taken = new Set([...openNodes.keys()].map(({ inode }) => inode));
    for (const { durable, current } of folders.values()) {
      for (const node of [...durable.values(), ...current.values()]) taken.add(node.inode);
    }
    for (let inode = 1;; inode++) if (!taken.has(inode)) return inode;
  }

  function makeNode(): FileNode {
    return { inode: freeInode(), durable: new Uint8Array(), current: new Uint8Array(), unsynced: [] };
  }

  function openHandle(node: FileNode, ofRun: number): FileHandle {
    let isOpen = true;
    openNodes.set(node, (openNodes.get(node) ?? 0) + 1);
    const call = (kind: string) => {
      step(ofRun, kind);
      if (!isOpen) throw new Deno.errors.BadResource("the handle is closed");
    };
    const apply = (byteChange: ByteChange) => {
      node.current = applyBytes(node.current, byteChange);
      node.unsynced.push(byteChange);
    };
    return {
      // deno-lint-ignore require-await
      async readAt(offset, lengthBytes) {
        call("readAt");
        return node.current.slice(offset, offset + lengthBytes);
      },
      // deno-lint-ignore require-await
      async writeAt(at, bytes) {
        call("writeAt");
        apply({ at, bytes: bytes.slice() });
      },
      // deno-lint-ignore require-await
      async sync() {
        call("sync");
        node.durable = node.current;
        node.unsynced = [];
      },
      // deno-lint-ignore require-await
      async truncate(sizeBytes) {
        call("truncate");
        apply({ sizeBytes });
      },
      // deno-lint-ignore require-await
      async stat() {
        call("stat");
        return toStat(node);
      },
      close() {
        if (!isOpen) return;
        isOpen = false;
        const handles = (openNodes.get(node) ?? 1) - 1;
        if (handles > 0) openNodes.set(node, handles);
        else openNodes.delete(node);
      },
    };
  }

  function kill(): void {
    run++;
    calls = 0;
    cutAt = Infinity;
    locks = new Map();
    openNodes = new Map();
  }

  function mountRun(ofRun: number): FileLayer {
    return {
      // deno-lint-ignore require-await
      async open(path, { create = true, createNew = false } = {}) {
        step(ofRun, "open");
        const folder = folderOf(path);
        const existing = folder.current.get(basename(path));
        if (existing && createNew) throw new Deno.errors.AlreadyExists(path);
        if (!existing && !create && !createNew) throw new Deno.errors.NotFound(path);
        const node = existing ?? makeNode();
        if (!existing) change(folder, { set: [basename(path), node] });
        return openHandle(node, ofRun);
      },
      // deno-lint-ignore require-await
      async read(path) {
        step(ofRun, "read");
        return nodeAt(path)?.current.slice();
      },
      // deno-lint-ignore require-await
      async rename(from, to) {
        step(ofRun, "rename");
        if (dirname(from) !== dirname(to)) throw new Error("this fake renames within one folder only");
        const folder = folderOf(from);
        const node = folder.current.get(basename(from));
        if (!node) throw new Deno.errors.NotFound(from);
        change(folder, { removed: basename(from), set: [basename(to), node] });
      },
      // deno-lint-ignore require-await
      async remove(path) {
        step(ofRun, "remove");
        const inner = folders.get(path);
        if (inner && !inner.isRemoved) {
          if (inner.current.size > 0) throw new Error(`the folder ${path} is not empty`);
          inner.isRemoved = true;
        } else if (nodeAt(path)) change(folderOf(path), { removed: basename(path) });
      },
      // deno-lint-ignore require-await
      async makeFolder(path) {
        step(ofRun, "makeFolder");
        for (let folder = path; folder !== "/"; folder = dirname(folder)) {
          const existing = folders.get(folder);
          if (existing) existing.isRemoved = false;
          else folders.set(folder, makeFolderNode());
        }
      },
      // deno-lint-ignore require-await
      async list(path) {
        step(ofRun, "list");
        const folder = folders.get(path);
        if (!folder || folder.isRemoved) return [];
        const inside = [...folders].filter(([inner, { isRemoved }]) =>
          inner !== path && dirname(inner) === path && !isRemoved
        );
        return [
          ...[...folder.current.keys()].map((name) => ({ name, isFile: true, isFolder: false })),
          ...inside.map(([inner]) => ({ name: basename(inner), isFile: false, isFolder: true })),
        ];
      },
      // deno-lint-ignore require-await
      async stat(path) {
        step(ofRun, "stat");
        const node = nodeAt(path);
        return node && toStat(node);
      },
      // deno-lint-ignore require-await
      async syncFolder(path) {
        step(ofRun, "syncFolder");
        const folder = folderAt(path);
        folder.durable = new Map(folder.current);
        folder.unsynced = [];
      },
      async lock(path, { failIfHeld = false, signal } = {}) {
        step(ofRun, "lock");
        signal?.throwIfAborted();
        const waiting = locks.get(path);
        if (waiting === undefined) locks.set(path, []);
        else if (failIfHeld) throw new LockHeldError(path);
        else await new Promise<void>((resolve) => waiting.push(resolve));
        return heldLock(locks, path);
      },
    };
  }

  return {
    mount: () => mountRun(run),
    get calls() {
      return calls;
    },
    cutAtCall(call) {
      cutAt = call;
    },
    failNext(kind, error) {
      failures.set(kind, error);
    },
    kill,
    cutPower(keep) {
      kill();
      const choose = createChooser(keep);
      for (const folder of folders.values()) {
        folder.isRemoved = false;
        for (const nameChange of choose.whole(folder.unsynced)) applyName(folder.durable, nameChange);
        folder.current = new Map(folder.durable);
        folder.unsynced = [];
      }
      for (const node of new Set([...folders.values()].flatMap(({ current }) => [...current.values()]))) {
        for (const byteChange of choose.torn(node.unsynced)) {
          node.durable = applyBytes(node.durable, byteChange);
        }
        node.current = node.durable;
        node.unsynced = [];
      }
    },
    peek: (path) => nodeAt(path)?.current.slice(),
    poke(path, bytes) {
      const node = nodeAt(path);
      if (!node) throw new Deno.errors.NotFound(path);
      node.durable = bytes.slice();
      node.current = node.durable;
      node.unsynced = [];
    },
  };
}

/** Decides what a power cut leaves. */
function createChooser(keep: Keep) {
  const seed = typeof keep === "string" ? 0 : "prefix" in keep ? keep.prefix : keep.some;
  const random = createRandom(seed);
  const whole = <T>(changes: readonly T[]): readonly T[] => {
    if (keep === "nothing") return [];
    if (keep === "everything") return changes;
    if ("prefix" in keep) return changes.slice(0, Math.floor(random() * (changes.length + 1)));
    return changes.filter(() => random() < 0.5);
  };
  return {
    whole,
    torn(changes: readonly ByteChange[]): readonly ByteChange[] {
      const kept = whole(changes);
      if (typeof keep === "string") return kept;
      if ("some" in keep) return kept.flatMap((one) => sectorsOf(one).filter(() => random() < 0.5));
      const next = changes[kept.length];
      if (next === undefined || !("bytes" in next)) return kept;
      return [...kept, { at: next.at, bytes: next.bytes.slice(0, Math.floor(random() * next.bytes.length)) }];
    },
  };
}

function sectorsOf(change: ByteChange): readonly ByteChange[] {
  if (!("bytes" in change)) return [change];
  const sectors: ByteChange[] = [];
  for (let from = 0; from < change.bytes.length; from += SECTOR_BYTES) {
    sectors.push({ at: change.at + from, bytes: change.bytes.slice(from, from + SECTOR_BYTES) });
  }
  return sectors;
}

/** mulberry32: the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function applyBytes(content: Uint8Array, change: ByteChange): Uint8Array {
  const sizeBytes = "bytes" in change
    ? Math.max(content.length, change.at + change.bytes.length)
    : change.sizeBytes;
  const next = new Uint8Array(sizeBytes);
  next.set(content.subarray(0, sizeBytes));
  if ("bytes" in change) next.set(change.bytes, change.at);
  return next;
}

function applyName(names: Map<string, FileNode>, { removed, set }: NameChange): void {
  if (removed !== undefined) names.delete(removed);
  if (set !== undefined) names.set(...set);
}

function makeFolderNode(): Folder {
  return { durable: new Map(), current: new Map(), unsynced: [], isRemoved: false };
}

function toStat({ current, inode }: FileNode): FileStat {
  return { sizeBytes: current.length, identity: `disk:${inode}` };
}

function heldLock(locks: Map<string, (() => void)[]>, path: string): FileLock {
  let isHeld = true;
  const release = () => {
    if (!isHeld) return;
    isHeld = false;
    const next = locks.get(path)?.shift();
    if (next) next();
    else locks.delete(path);
  };
  return { release, [Symbol.dispose]: release };
}
