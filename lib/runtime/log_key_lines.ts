import { join } from "node:path";
import { PotError } from "../core/errors.ts";
import { chainLogKeys, type LogKey, type LogKeyStart, parseKeyStart } from "../core/log_keys.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { openJsonLinesFile } from "../io/json_lines_file.ts";

const KEYS_FILE = "log-keys.jsonl";
const SCHEMA = "pot-log-key/1";

/**
 * The log's keys as `log-keys.jsonl` in the home folder has them, oldest first; empty before the first rotation, when
 * there is no such file.
 *
 * @throws {CorruptFileError} when a line is not one of its own, or the keys do not follow on each other
 */
export async function readLogKeyLines(home: string, files: FileLayer): Promise<readonly LogKey[]> {
  const path = join(home, KEYS_FILE);
  using file = await openJsonLinesFile(path, { files });
  const lines = await file.readNew();
  if (lines.length === 0) return [];
  let line = 0;
  try {
    return chainLogKeys(lines.map(({ line: number, value }) => parseLine(value, line = number)));
  } catch (cause) {
    if (!(cause instanceof PotError)) throw cause;
    throw new CorruptFileError({ path, where: `line ${line}`, found: cause.message, cause });
  }
}

/** Appends keys; durable when it resolves. Hold {@linkcode lockLogKeys}. */
export async function appendLogKeyLines(
  home: string,
  { keys, files }: { readonly keys: readonly LogKeyStart[]; readonly files: FileLayer },
): Promise<void> {
  using file = await openJsonLinesFile(join(home, KEYS_FILE), { files });
  await file.append(keys.map(formatKeyLine));
}

/** A key as a line of `log-keys.jsonl`. */
export function formatKeyLine({ verifierKey, from, handOver }: LogKeyStart): unknown {
  return {
    schema: SCHEMA,
    verifierKey,
    from: String(from),
    ...(handOver === undefined ? {} : { handOver }),
  };
}

/** Held, shortly, by whoever changes the keys. Never wait for the log's lock while holding it. */
export function lockLogKeys(home: string, files: FileLayer) {
  return files.lock(join(home, `${KEYS_FILE}.lock`));
}

function parseLine(value: unknown, line: number): LogKeyStart {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (fields["schema"] === SCHEMA) return parseKeyStart(fields, "it");
  throw new PotError(`a line of another schema than ${SCHEMA}`, { facts: [`line: ${line}`] });
}
