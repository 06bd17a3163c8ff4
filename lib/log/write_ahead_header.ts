import { canonicalJson } from "../core/canonical_json.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { WriteAheadFile } from "../io/write_ahead_file.ts";

const SCHEMA = "pot-wal/1";

/** The header of a write-ahead file whose first entry is the `base`th of the log: `{"base":"<decimal>","schema":"pot-wal/1"}`. */
export function formatWriteAheadHeader(base: number): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ schema: SCHEMA, base: String(base) }));
}

/**
 * Index of the first entry that the file holds.
 *
 * @throws {CorruptFileError} for a header that this version does not know
 */
export function parseWriteAheadHeader({ header, path }: Pick<WriteAheadFile, "header" | "path">): number {
  const text = new TextDecoder().decode(header);
  const base = /^\{"base":"(0|[1-9][0-9]{0,14})","schema":"pot-wal\/1"\}$/.exec(text)?.[1];
  if (base === undefined) {
    throw new CorruptFileError({ path, where: "byte 0", found: `a header other than ${SCHEMA}` });
  }
  return Number(base);
}
