import { basename, dirname, join } from "node:path";
import type { FileLayer } from "./file_layer.ts";

export interface WriteFileAtomicallyOptions {
  /** Permission bits. @default 0o644 */
  readonly mode?: number;
  /**
   * Leave the folder's sync to the caller, who writes many files into it. Until that sync a power cut may bring the
   * old file back. @default false
   */
  readonly deferFolderSync?: boolean;
}

/**
 * Writes a whole file so that a reader, or a power cut, sees either the old content or the new one: a temporary file in
 * the same folder, synced, renamed over the target, then the folder synced. The folder must exist.
 */
export async function writeFileAtomically(
  files: FileLayer,
  path: string,
  bytes: Uint8Array,
  { mode = 0o644, deferFolderSync = false }: WriteFileAtomicallyOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    const file = await files.open(temporary, { createNew: true, mode });
    try {
      await file.writeAt(0, bytes);
      await file.sync();
    } finally {
      file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    // The first error is the one to report; what is left behind has a name that nothing reads.
    await files.remove(temporary).catch(() => {});
    throw error;
  }
  if (!deferFolderSync) await files.syncFolder(dirname(path));
}
