import type { FileHandle, FileLayer } from "../../lib/io/file_layer.ts";
import { PowerCut } from "./forgetful_files.ts";

/** Files of the real disk, in the hands of a process that dies. */
export interface DyingFiles extends FileLayer {
  /** Calls so far that change the disk, or make a change durable. */
  readonly writes: number;
}

/** The given files until the `dieAt`-th call that changes something, from 1: it does nothing, and neither does any call after it. */
export function createDyingFiles(
  files: FileLayer,
  { dieAt = Infinity }: { readonly dieAt?: number } = {},
): DyingFiles {
  let writes = 0;
  const step = (what: string) => {
    if (writes >= dieAt || ++writes >= dieAt) throw new PowerCut(`dead before ${what}`);
  };
  const alive = (what: string) => {
    if (writes >= dieAt) throw new PowerCut(`dead before ${what}`);
  };
  const wrap = (handle: FileHandle): FileHandle => ({
    readAt: async (offset, lengthBytes) => {
      alive("readAt");
      return await handle.readAt(offset, lengthBytes);
    },
    writeAt: async (offset, bytes) => {
      step("writeAt");
      await handle.writeAt(offset, bytes);
    },
    sync: async () => {
      step("sync");
      await handle.sync();
    },
    truncate: async (sizeBytes) => {
      step("truncate");
      await handle.truncate(sizeBytes);
    },
    stat: () => handle.stat(),
    close: () => handle.close(),
  });
  return {
    get writes() {
      return writes;
    },
    async open(path, options) {
      if (options?.createNew === true) step("open");
      else alive("open");
      return wrap(await files.open(path, options));
    },
    async read(path) {
      alive("read");
      return await files.read(path);
    },
    async rename(from, to) {
      step("rename");
      await files.rename(from, to);
    },
    async remove(path) {
      step("remove");
      await files.remove(path);
    },
    async makeFolder(path) {
      alive("makeFolder");
      await files.makeFolder(path);
    },
    list: (path) => files.list(path),
    async stat(path) {
      alive("stat");
      return await files.stat(path);
    },
    async syncFolder(path) {
      step("syncFolder");
      await files.syncFolder(path);
    },
    async lock(path, options) {
      alive("lock");
      return await files.lock(path, options);
    },
  };
}
