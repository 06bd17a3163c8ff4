import { join } from "node:path";
import type { FileLayer } from "../io/file_layer.ts";

/** Removes a folder with all that is in it; nothing happens when there is none. Links are removed, not followed. */
export async function removeTree(folder: string, files: FileLayer): Promise<void> {
  for (const { name, isFolder } of await files.list(folder)) {
    const path = join(folder, name);
    if (isFolder) await removeTree(path, files);
    else await files.remove(path);
  }
  await files.remove(folder);
}
