import type { FileHandle, FileLayer, FileLock } from "../../lib/io/file_layer.ts";

/** A file layer that a process uses until it dies in the middle of it. */
export interface KillableFiles extends FileLayer {
  /** Dies at the n-th call from now on that changes a file: 1 is the next one. It may or may not have taken effect. */
  dieAt(call: number): void;
  /** Ends it at once: every later call fails, and its locks are free. */
  kill(): void;
  readonly isDead: boolean;
}

/** What a dead process would have seen, had it lived. */
export class KilledError extends Error {
  override readonly name: string = "KilledError";
}

/** Wraps real files; `tears` decides whether a fatal write leaves half of its bytes. */
export function createKillableFiles(files: FileLayer, tears: () => boolean): KillableFiles {
  let left = Infinity;
  let isDead = false;
  const locks = new Set<FileLock>();

  function kill(): void {
    isDead = true;
    for (const lock of locks) lock.release();
  }
  function live(): void {
    if (isDead) throw new KilledError("the process was killed");
  }
  /** Counts a change; answers whether this one is fatal. */
  function count(): boolean {
    live();
    return --left <= 0;
  }
  async function change<T>(work: () => Promise<T>): Promise<T> {
    const isFatal = count();
    const hasEffect = !isFatal || tears();
    const result = hasEffect ? await work() : undefined;
    if (isFatal) {
      kill();
      live();
    }
    return result as T;
  }
  const wrap = (file: FileHandle): FileHandle => ({
    readAt: (offset, lengthBytes) => (live(), file.readAt(offset, lengthBytes)),
    async writeAt(offset, bytes) {
      if (!count()) return await file.writeAt(offset, bytes);
      // The disk got what it got.
      if (tears()) await file.writeAt(offset, bytes.subarray(0, bytes.length >> 1));
      kill();
      live();
    },
    sync: () => change(() => file.sync()),
    truncate: (sizeBytes) => change(() => file.truncate(sizeBytes)),
    stat: () => (live(), file.stat()),
    close: () => file.close(),
  });

  return {
    dieAt(call) {
      left = call;
    },
    kill,
    get isDead() {
      return isDead;
    },
    open: async (path, options) => (live(), wrap(await files.open(path, options))),
    read: (path) => (live(), files.read(path)),
    rename: (from, to) => change(() => files.rename(from, to)),
    remove: (path) => change(() => files.remove(path)),
    makeFolder: (path) => (live(), files.makeFolder(path)),
    list: (path) => (live(), files.list(path)),
    stat: (path) => (live(), files.stat(path)),
    syncFolder: (path) => change(() => files.syncFolder(path)),
    async lock(path, options) {
      live();
      const lock = await files.lock(path, options);
      const release = () => {
        locks.delete(own);
        lock.release();
      };
      const own: FileLock = { release, [Symbol.dispose]: release };
      locks.add(own);
      return own;
    },
  };
}
