import { join } from "node:path";
import { PotError, UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { decryptText, encryptText, type EncryptTextOptions } from "./age_text.ts";
import { KEY_FILE, NEXT_KEY_FILE, openLogKey, readKeyFile } from "./log_key.ts";
import { formatKeyLine, readLogKeyLines } from "./log_key_lines.ts";

export interface BackUpLogKeyOptions extends EncryptTextOptions {
  readonly files: FileLayer;
  /** Where to write it. Absolute; must not exist. */
  readonly output: string;
}

/**
 * Writes the private log key, and the set of keys it belongs to, into a file encrypted with a passphrase; reads it back
 * and compares before it says so. Decrypted, the first line is that of `log.key`, the others those of `log-keys.jsonl`.
 *
 * @returns the key's verifier key
 * @throws {UsageError} when there is no key, or the file is there already
 * @throws {PotError} while a rotation is unfinished, or when the file cannot be read back
 */
export async function backUpLogKey(
  home: string,
  { files, output, passphrase, ...options }: BackUpLogKeyOptions,
): Promise<string> {
  const { verifierKey } = await openLogKey(home, { files });
  if (await files.stat(output) !== undefined) {
    throw new UsageError("Cannot write the backup as the file is there already", {
      facts: [`file: ${output}`],
      hint: "choose another name: a backup is never overwritten",
    });
  }
  const { signerKey } = (await readKeyFile(join(home, KEY_FILE), files))!;
  const keys = await readLogKeyLines(home, files);
  const isRetired = keys.length > 0 && keys.at(-1)!.verifierKey !== verifierKey;
  if (isRetired || await files.stat(join(home, NEXT_KEY_FILE)) !== undefined) {
    throw new PotError("Cannot back up the log key as a rotation was not finished", {
      facts: [`home: ${home}`],
      hint: "finish it with: pot log rotate",
    });
  }
  const text = [signerKey, ...keys.map((key) => JSON.stringify(formatKeyLine(key)))].join("\n") + "\n";
  const encrypted = new TextEncoder().encode(await encryptText(text, { passphrase, ...options }));
  await writeFileAtomically(files, output, encrypted, { mode: 0o600 });
  const written = await files.read(output);
  if (written !== undefined && await decryptText(written, passphrase) === text) return verifierKey;
  throw new PotError("Cannot trust the backup as it does not read back as it was written", {
    facts: [`file: ${output}`],
    hint: "check the disk, and write another one",
  });
}
