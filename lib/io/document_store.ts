import { join } from "node:path";
import { manifestDigest } from "../core/manifest.ts";
import { writeFileAtomically } from "./atomic_write.ts";
import { CorruptFileError } from "./corrupt_file_error.ts";
import type { FileLayer } from "./file_layer.ts";

/** Documents that records name by their SHA-256: manifests of folders, long lists of tensors. Each is a file `<digest>.json`. */
export interface DocumentStore {
  /** Keeps the bytes; durable when it resolves to their digest. One that is kept already is left alone; a damaged one is replaced. */
  put(bytes: Uint8Array): Promise<string>;
  /**
   * The document with that digest (64 lowercase hex characters), or `undefined` where it was never kept.
   *
   * @throws {CorruptFileError} where what lies there has another digest
   */
  get(digest: string): Promise<Uint8Array | undefined>;
}

/** The store in that folder, which is made by the first `put`. */
export function openDocumentStore(
  folder: string,
  { files }: { readonly files: FileLayer },
): DocumentStore {
  const pathOf = (digest: string) => join(folder, `${digest}.json`);
  return {
    async put(bytes) {
      const digest = manifestDigest(bytes);
      const path = pathOf(digest);
      const kept = await files.read(path);
      await files.makeFolder(folder);
      // Also where it is there: whoever wrote it may have died before its name was durable.
      if (kept !== undefined && manifestDigest(kept) === digest) await files.syncFolder(folder);
      else await writeFileAtomically(files, path, bytes);
      return digest;
    },
    async get(digest) {
      const path = pathOf(digest);
      const bytes = await files.read(path);
      if (bytes === undefined) return undefined;
      const found = manifestDigest(bytes);
      if (found !== digest) {
        throw new CorruptFileError({ path, where: "its digest", found: `SHA-256 ${found}` });
      }
      return bytes;
    },
  };
}
