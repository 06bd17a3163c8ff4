import { UsageError } from "../core/errors.ts";
import { DamagedBackupError } from "./damaged_backup_error.ts";

/** An X25519 recipient of age, as `age-keygen` prints it: `age1` and 58 characters of Bech32. */
export function isAgeRecipient(text: string): boolean {
  return /^age1[02-9ac-hj-np-z]{58}$/.test(text);
}

/** An X25519 identity of age. Secret. */
export function isAgeIdentity(text: string): boolean {
  return /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/.test(text);
}

/** The identities in the text of an identity file; lines that begin with `#` are comments. */
export function parseAgeIdentities(text: string): readonly string[] | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) =>
    line !== "" && !line.startsWith("#")
  );
  return lines.length > 0 && lines.every(isAgeIdentity) ? lines : undefined;
}

/** Encrypts to every one of those recipients (age-encryption.org/v1), as a stream. */
export async function* encryptAge(
  chunks: AsyncIterable<Uint8Array>,
  recipients: readonly string[],
): AsyncGenerator<Uint8Array, void> {
  // Loaded here, as who encrypts nothing needs none of it.
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  try {
    for (const recipient of recipients) encrypter.addRecipient(recipient);
  } catch {
    throw new UsageError("Cannot encrypt the backup as a recipient is none", {
      hint: "set POT_BACKUP_RECIPIENT to what age-keygen prints as the public key: age1…",
    });
  }
  yield* await encrypter.encrypt(toStream(chunks));
}

/**
 * Decrypts an age file, as a stream.
 *
 * @throws {UsageError} when none of the identities fits
 * @throws {DamagedBackupError} when it is no age file, or its bytes are not those that were encrypted
 */
export async function* decryptAge(
  chunks: AsyncIterable<Uint8Array>,
  identities: readonly string[],
): AsyncGenerator<Uint8Array, void> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  let fault: unknown;
  const source = async function* () {
    try {
      yield* chunks;
    } catch (error) {
      fault = error;
      throw error;
    }
  };
  try {
    yield* await decrypter.decrypt(toStream(source()));
  } catch (error) {
    if (fault !== undefined) throw fault;
    // The cause must not carry what was decrypted so far.
    if (error instanceof Error && /identit/i.test(error.message)) {
      throw new UsageError("Cannot decrypt the backup as no identity here is among its recipients", {
        hint: "give the one that belongs to its recipient: POT_BACKUP_IDENTITY_FILE",
      });
    }
    throw new DamagedBackupError("what age encrypted cannot be decrypted");
  }
}

/** How long a chunk of the payload is, and what authenticates it (age-encryption.org/v1, STREAM). */
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const NONCE_BYTES = 16;
/** Of a header with some twenty recipients. */
const LONGEST_HEADER = 4_096;

/**
 * What can be told of an age file without its identity: `start` are its first bytes (4 096, or all). `undefined` where its header is
 * one of age with X25519 recipients, and its length one that such a payload can have; else what is wrong.
 */
export function findAgeFault(start: Uint8Array, sizeBytes: number): string | undefined {
  const header = new TextDecoder("latin1").decode(start.subarray(0, LONGEST_HEADER));
  const stanza = "-> X25519 [A-Za-z0-9+/]{43}\\n[A-Za-z0-9+/]{43}\\n";
  const other = "-> [^\\n]{1,200}\\n(?:[A-Za-z0-9+/]{64}\\n){0,40}[A-Za-z0-9+/]{0,63}\\n";
  const pattern = new RegExp(
    `^age-encryption\\.org/v1\\n(?:${stanza}|${other}){1,30}--- [A-Za-z0-9+/]{43}\\n`,
  );
  const length = pattern.exec(header)?.[0].length;
  if (length === undefined) return "it does not begin as an age file";
  const payload = sizeBytes - length - NONCE_BYTES;
  // Every chunk but the last is full; the last one is empty only where it is the only one.
  const last = payload % (CHUNK_BYTES + TAG_BYTES);
  const isWhole = payload >= TAG_BYTES && (last === 0 || last > TAG_BYTES || payload === TAG_BYTES);
  return isWhole ? undefined : "its length is none that an age file can have";
}

function toStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(chunks as AsyncIterable<Uint8Array<ArrayBuffer>>);
}
