import { createHash } from "node:crypto";
import { join } from "node:path";
import { isUnfinishedName } from "../core/temporary_name.ts";

/** What stands directly in a folder, as far as it can be told without reading it. */
export interface FolderItem {
  readonly name: string;
  /** A link is never followed. */
  readonly kind: "file" | "directory" | "link" | "other";
  /** Stays with the file through a rename and never goes to another one; `undefined` where the system cannot tell. */
  readonly identity: string | undefined;
  /** Of all files in it together. */
  readonly sizeBytes: number;
  /** Milliseconds since the Unix epoch, of the newest file in it. */
  readonly modifiedMs: number;
  /** Changes with sizes, times and, in a folder, names: the same for a copy that kept its times. */
  readonly fingerprint: string;
  /** Why it cannot be complete, whatever its age. */
  readonly incomplete?: string;
}

/** Everything in the folder; what vanishes meanwhile is left out. Throws what the system answers where the folder cannot be read. */
export async function listFolderItems(folder: string): Promise<readonly FolderItem[]> {
  const items: FolderItem[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const item = await readFolderItem(folder, name);
    if (item !== undefined) items.push(item);
  }
  return items;
}

/** One of them; `undefined` where nothing has that name. */
export async function readFolderItem(folder: string, name: string): Promise<FolderItem | undefined> {
  const path = join(folder, name);
  const info = await orUndefined(Deno.lstat(path));
  if (info === undefined) return undefined;
  const kind = info.isSymlink ? "link" : info.isDirectory ? "directory" : info.isFile ? "file" : "other";
  const identity = info.ino === null || info.birthtime === null
    ? undefined
    : `${info.dev}:${info.ino}:${info.birthtime.getTime()}`;
  const modifiedMs = info.mtime?.getTime() ?? 0;
  if (kind !== "directory") {
    const fingerprint = `${kind} ${info.size} ${modifiedMs}`;
    const incomplete = kind === "file" && info.size === 0 ? { incomplete: "it is empty" } : {};
    return { name, kind, identity, sizeBytes: info.size, modifiedMs, fingerprint, ...incomplete };
  }
  return { name, kind, identity, ...await readTree(path) };
}

async function readTree(
  root: string,
): Promise<Pick<FolderItem, "sizeBytes" | "modifiedMs" | "fingerprint" | "incomplete">> {
  const lines: string[] = [];
  const parts = new Map<string, { readonly of: number; readonly numbers: Set<number> }>();
  let sizeBytes = 0;
  let modifiedMs = 0;
  let unfinished: string | undefined;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (
      const { name, isDirectory } of await orUndefined(Array.fromAsync(Deno.readDir(join(root, folder)))) ??
        []
    ) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (isUnfinishedName(name)) unfinished ??= path;
      if (isDirectory) {
        folders.push(path);
        continue;
      }
      const info = await orUndefined(Deno.lstat(join(root, path)));
      if (info === undefined) continue;
      const mtimeMs = info.mtime?.getTime() ?? 0;
      sizeBytes += info.size;
      modifiedMs = Math.max(modifiedMs, mtimeMs);
      lines.push(`${path}\0${info.size}\0${mtimeMs}`);
      notePart(parts, path);
    }
  }
  const missing = [...parts].find(([, { of, numbers }]) => numbers.size < of);
  const incomplete = unfinished !== undefined
    ? `it holds a temporary name: ${unfinished}`
    : missing !== undefined
    ? `it holds ${missing[1].numbers.size} of the ${missing[1].of} parts of ${missing[0]}`
    : sizeBytes === 0
    ? "it is empty"
    : undefined;
  const hash = createHash("sha256").update(lines.sort().join("\0\0")).digest("hex");
  return {
    sizeBytes,
    modifiedMs,
    fingerprint: `directory ${sizeBytes} ${hash}`,
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

/** A part that says how many there are (`model-00002-of-00004.safetensors`) tells whether the others are missing. */
function notePart(
  parts: Map<string, { readonly of: number; readonly numbers: Set<number> }>,
  path: string,
): void {
  const [, before, number, of, behind] = /^(.{0,4000}?)(\d{1,9})-of-(\d{1,9})(?!\d)([^]*)$/.exec(path) ?? [];
  if (before === undefined) return;
  const key = `${before}*-of-${of}${behind}`;
  const part = parts.get(key) ?? { of: Number(of), numbers: new Set<number>() };
  part.numbers.add(Number(number));
  parts.set(key, part);
}

async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    // What may not be read is told by whoever hashes it.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
