import { join } from "node:path";
import { PotError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type BackupTarget, type ObjectContent, ObjectExistsError } from "./backup_target.ts";

const CHUNK_BYTES = 256 * 1024;
const LOCK_FILE = "backup.lock";
/** What a write leaves behind that did not come to its end. */
const TEMPORARY = /^\..+\.tmp$/;

export interface FolderTargetOptions {
  readonly name: string;
  readonly files: FileLayer;
}

/** Backups in a folder, which the first one makes: another disk, or what is mounted there. Any number of processes may use it. */
export function createFolderTarget(
  folder: string,
  { name: target, files }: FolderTargetOptions,
): BackupTarget {
  return {
    name: target,

    async list({ signal } = {}) {
      signal?.throwIfAborted();
      const objects = [];
      for (const { name, isFile } of await files.list(folder)) {
        if (!isFile || name === LOCK_FILE || TEMPORARY.test(name)) continue;
        const stat = await files.stat(join(folder, name));
        if (stat !== undefined) objects.push({ name, sizeBytes: stat.sizeBytes });
      }
      return objects;
    },

    async put(name, content, { signal } = {}) {
      const path = join(folder, name);
      await files.makeFolder(folder);
      // A name is taken once the file is whole, so whoever takes one must be alone.
      using _lock = await files.lock(join(folder, LOCK_FILE), signal ? { signal } : {});
      await removeTemporary(folder, files);
      if (await files.stat(path) !== undefined) throw new ObjectExistsError(target, name);
      const temporary = join(folder, `.${name}.${crypto.randomUUID()}.tmp`);
      try {
        await copyInto(temporary, content, { files, signal });
        await files.rename(temporary, path);
      } catch (error) {
        await files.remove(temporary).catch(() => {});
        throw error;
      }
      await files.syncFolder(folder);
    },

    async *read(name, { signal } = {}) {
      const path = join(folder, name);
      if (await files.stat(path) === undefined) throw gone(target, name);
      const file = await files.open(path, { readOnly: true });
      try {
        for (let at = 0;;) {
          signal?.throwIfAborted();
          const chunk = await file.readAt(at, CHUNK_BYTES);
          if (chunk.length === 0) break;
          at += chunk.length;
          yield chunk;
        }
      } finally {
        file.close();
      }
    },

    async remove(name) {
      await files.remove(join(folder, name));
      await files.syncFolder(folder);
    },
  };
}

/** Hold the lock: nobody else writes one then. */
async function removeTemporary(folder: string, files: FileLayer): Promise<void> {
  for (const { name, isFile } of await files.list(folder)) {
    if (isFile && TEMPORARY.test(name)) await files.remove(join(folder, name));
  }
}

async function copyInto(
  path: string,
  content: ObjectContent,
  { files, signal }: { readonly files: FileLayer; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const file = await files.open(path, { createNew: true, mode: 0o600 });
  try {
    for (let at = 0; at < content.sizeBytes; at += CHUNK_BYTES) {
      signal?.throwIfAborted();
      await file.writeAt(at, await content.readAt(at, Math.min(CHUNK_BYTES, content.sizeBytes - at)));
    }
    await file.sync();
  } finally {
    file.close();
  }
}

/** There is no object of that name. */
export function gone(target: string, name: string): PotError {
  return new PotError("Cannot read the backup as it is not there", {
    facts: [`target: ${target}`, `object: ${name}`],
    hint: "see what is there: pot backup list",
  });
}
