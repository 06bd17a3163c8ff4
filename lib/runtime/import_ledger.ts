import { join } from "node:path";
import { type ImportedLedger, importPrototypeLedger } from "../chain/import_prototype_ledger.ts";
import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config } from "./config.ts";
import { openLogKey } from "./log_key.ts";

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Imports the prototype's `provenance_records.json` (or `.jsonl`) into this home's local ledger.
 *
 * @throws {UsageError} when the file is too large or not UTF-8
 * @throws {PotError} naming the first bad record; then nothing was imported
 */
export async function importLedger(
  config: Pick<Config, "home">,
  file: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ImportedLedger> {
  const { name: origin } = await openLogKey(config.home);
  const { sizeBytes } = await denoFiles.stat(file) ?? { sizeBytes: 0 };
  if (sizeBytes > MAX_BYTES) throw refusal(`it is larger than ${MAX_BYTES} bytes`, file);
  const bytes = await denoFiles.read(file);
  if (bytes === undefined) throw refusal("there is no such file", file);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refusal("it is not UTF-8", file);
  }
  return await importPrototypeLedger(text, {
    path: join(config.home, "provenance_records.jsonl"),
    indexPath: join(config.home, "provenance_records.sqlite"),
    origin,
    files: denoFiles,
    ...(signal && { signal }),
  });
}

function refusal(why: string, file: string): UsageError {
  return new UsageError(`Cannot import the ledger as ${why}`, { facts: [`file: ${file}`] });
}
