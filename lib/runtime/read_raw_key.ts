import { UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { decryptKeystore, parseKeystore } from "../keys/keystore.ts";
import { readBounded } from "../io/read_bounded.ts";

const PRIVATE_KEY = /^(?:0x)?[0-9a-fA-F]{64}$/;
const MAX_BYTES = 64 * 1024;

/**
 * A private key as a person hands it over: 64 hex characters, with or without `0x`. `where` completes "as … holds none"; what was given
 * is never shown.
 *
 * @throws {UsageError} when it is none.
 */
export function parseRawKey(text: string, where: string): string {
  const key = text.trim();
  if (PRIVATE_KEY.test(key)) return key.replace(/^0x/, "").toLowerCase();
  throw new UsageError(`Cannot import the key as ${where} holds none`, {
    hint: "a private key is 64 hex characters, with or without 0x; a keystore is a JSON file of version 3",
  });
}

/** A file with a private key: as its one line, or as a keystore. */
export interface ReadKeyFileOptions {
  readonly files: FileLayer;
  /** Called where the file is a keystore. */
  readonly readPassphrase: () => Promise<string>;
}

/**
 * The private key in a file, 64 lowercase hex characters.
 *
 * @throws {UsageError} when there is no such file, it holds no key, or its passphrase is another one.
 */
export async function readRawKeyFile(
  path: string,
  { files, readPassphrase }: ReadKeyFileOptions,
): Promise<string> {
  const bytes = await readBounded(files, path, MAX_BYTES);
  if (bytes === undefined) {
    throw new UsageError("Cannot import the key as there is no such file", { facts: [`file: ${path}`] });
  }
  const text = new TextDecoder().decode(bytes);
  if (!text.trimStart().startsWith("{")) return parseRawKey(text, "the file");
  const keystore = parseKeystore(text);
  return toHex(await decryptKeystore(keystore, await readPassphrase()));
}
