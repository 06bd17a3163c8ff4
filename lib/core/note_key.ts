import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "./base64.ts";
import { equalBytes } from "./equal_bytes.ts";
import { UsageError } from "./errors.ts";
import { fromHex, toHex } from "./hex.ts";
import { isNoteName } from "./note_name.ts";

/** Signature type bytes (C2SP signed-note): of a log's signature over a note, and of a witness's timestamped cosignature. */
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const KEY_BYTES = 32;
/** PKCS #8 wrapping of an Ed25519 seed, up to the seed (RFC 8410 §7). */
const PKCS8_PREFIX: Uint8Array = Uint8Array.fromHex("302e020100300506032b657004220420");

/** Who signed: a name, and the public key behind it. */
export interface VerifierKey {
  /** As signature lines say it. */
  readonly name: string;
  /** 4 bytes that, with the name, tell which key a signature line is by. */
  readonly keyHash: Uint8Array;
  /** Ed25519, 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
}

/** Signs notes under one name. The private key stays behind this interface. */
export interface NoteSigner {
  /** Stands in every signature line; by custom the log's origin. */
  readonly name: string;
  /** 4 bytes, see {@linkcode VerifierKey}. */
  readonly keyHash: Uint8Array;
  /** The public half as text, for {@linkcode parseVerifierKey}. */
  readonly verifierKey: string;
  /** The Ed25519 signature, 64 bytes, over the text's UTF-8. */
  sign(text: string): Promise<Uint8Array>;
}

/** A new key pair as text. `signerKey` is a secret. */
export interface NoteKeyPair {
  /** `PRIVATE+KEY+<name>+<hash>+<base64>`, as golang.org/x/mod/sumdb/note writes it. */
  readonly signerKey: string;
  /** `<name>+<hash>+<base64>` (C2SP signed-note). */
  readonly verifierKey: string;
}

/** The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key) (C2SP signed-note). */
export function noteKeyHash(name: string, publicKey: Uint8Array, type: number = ED25519): Uint8Array {
  const named = new TextEncoder().encode(`${name}\n`);
  return sha256.create().update(named).update(Uint8Array.of(type)).update(publicKey).digest().slice(0, 4);
}

/**
 * Parses a C2SP verifier key, `<name>+<hash>+<base64>`.
 *
 * @throws {UsageError} when it is malformed, of another signature type than Ed25519, or its hash is not that of the key
 */
export function parseVerifierKey(text: string): VerifierKey {
  return parsePublicKey(text, { subject: "verifier key", type: ED25519, use: "Ed25519", hint: WHOLE_LINE });
}

/**
 * Parses the verifier key of a witness: as {@linkcode parseVerifierKey}'s, with the signature type 0x04 of timestamped
 * Ed25519 cosignatures (C2SP tlog-cosignature).
 *
 * @throws {UsageError} when it is malformed, of another signature type (a log's, ML-DSA), or its hash is not that of the key
 */
export function parseWitnessKey(text: string): VerifierKey {
  const use = "Ed25519 cosignatures, type 0x04";
  return parsePublicKey(text, { subject: "witness key", type: COSIGNATURE, use, hint: WHOLE_LINE });
}

/**
 * The key as text, `<name>+<hash>+<base64>`. The inverse of {@linkcode parseVerifierKey}.
 *
 * @throws {UsageError} when the name can't stand in a note or the key is not 32 bytes
 */
export function formatVerifierKey(key: Pick<VerifierKey, "name" | "publicKey">): string {
  return formatPublicKey(key, ED25519);
}

/** The witness's key as text. The inverse of {@linkcode parseWitnessKey}; throws as {@linkcode formatVerifierKey} does. */
export function formatWitnessKey(key: Pick<VerifierKey, "name" | "publicKey">): string {
  return formatPublicKey(key, COSIGNATURE);
}

/**
 * Makes a new Ed25519 key pair; Web Crypto supplies the randomness.
 *
 * @param name what signature lines say; by custom the log's origin
 * @throws {UsageError} when the name is empty or has a space, a plus sign or a control character
 */
export async function generateNoteKey(name: string): Promise<NoteKeyPair> {
  requireNoteName(name);
  const { privateKey } = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const publicKey = await publicKeyOf(privateKey);
  const seed = pkcs8.subarray(PKCS8_PREFIX.length);
  return {
    signerKey: `PRIVATE+KEY+${
      formatKey({ name, keyHash: noteKeyHash(name, publicKey), type: ED25519 }, seed)
    }`,
    verifierKey: formatVerifierKey({ name, publicKey }),
  };
}

/**
 * Opens a signer key, `PRIVATE+KEY+<name>+<hash>+<base64>`. No error quotes any of it.
 *
 * @throws {UsageError} when it is malformed, of another signature type than Ed25519, or its hash is not that of the key
 */
export async function importNoteSigner(signerKey: string): Promise<NoteSigner> {
  const [, key = ""] = /^PRIVATE\+KEY\+([^]*)$/.exec(String(signerKey)) ?? [];
  const { name, keyHash, key: seed } = parseKey(key, {
    subject: "signer key",
    type: ED25519,
    use: "Ed25519",
    hint: "it starts with PRIVATE+KEY+ and is one line",
  });
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
  const publicKey = await publicKeyOf(
    await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]),
  );
  requireKeyHash({ name, keyHash }, publicKey, { subject: "signer key", type: ED25519 });
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  return {
    name,
    keyHash,
    verifierKey: formatVerifierKey({ name, publicKey }),
    async sign(text) {
      return new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(text)));
    },
  };
}

/** What kind of key is read. */
interface KeyKind {
  readonly subject: string;
  /** Its signature type byte. */
  readonly type: number;
  /** What that type is for, in words. */
  readonly use: string;
  readonly hint: string;
}

const WHOLE_LINE = "copy the whole line, from the name to the last =";

function parsePublicKey(text: string, kind: KeyKind): VerifierKey {
  const { name, keyHash, key } = parseKey(String(text), kind);
  requireKeyHash({ name, keyHash }, key, kind);
  return { name, keyHash, publicKey: key };
}

function formatPublicKey(
  { name, publicKey }: Pick<VerifierKey, "name" | "publicKey">,
  type: number,
): string {
  requireNoteName(name);
  if (publicKey.length !== KEY_BYTES) {
    throw new UsageError("Cannot write the verifier key as its public key is not 32 bytes");
  }
  return formatKey({ name, keyHash: noteKeyHash(name, publicKey, type), type }, publicKey);
}

function formatKey(
  { name, keyHash, type }: Pick<VerifierKey, "name" | "keyHash"> & Pick<KeyKind, "type">,
  key: Uint8Array,
): string {
  return `${name}+${toHex(keyHash)}+${toBase64(Uint8Array.of(type, ...key))}`;
}

/** The three parts of a key. Base64 may hold plus signs, so only the first two separate. */
function parseKey(
  text: string,
  { subject, type, use, hint }: KeyKind,
): { name: string; keyHash: Uint8Array; key: Uint8Array } {
  const [, name = "", hash = "", base64 = ""] = /^([^+]*)\+([^+]*)\+([^]*)$/.exec(text) ?? [];
  const keyHash = fromHex(hash, 4);
  const typedKey = fromBase64(base64);
  if (!isNoteName(name) || keyHash === undefined || typedKey === undefined || typedKey.length === 0) {
    throw new UsageError(`Cannot read the ${subject} as it is not <name>+<8 hex digits>+<base64>`, { hint });
  }
  if (typedKey[0] !== type) {
    throw new UsageError(`Cannot read the ${subject} as it is not for ${use}`, {
      facts: [`signature type: 0x${toHex(typedKey.subarray(0, 1))}`],
      hint: `ask whoever publishes it for the key for ${use}`,
    });
  }
  if (typedKey.length !== 1 + KEY_BYTES) {
    throw new UsageError(`Cannot read the ${subject} as its key is not ${KEY_BYTES} bytes`, { hint });
  }
  return { name, keyHash, key: typedKey.slice(1) };
}

function requireKeyHash(
  { name, keyHash }: Pick<VerifierKey, "name" | "keyHash">,
  publicKey: Uint8Array,
  { subject, type }: Pick<KeyKind, "subject" | "type">,
): void {
  if (equalBytes(keyHash, noteKeyHash(name, publicKey, type))) return;
  throw new UsageError(`Cannot read the ${subject} as its hash is not that of its name and key`, {
    hint: "a character was changed or lost: copy it again",
  });
}

function requireNoteName(name: string): void {
  if (typeof name === "string" && isNoteName(name)) return;
  throw new UsageError(
    "Cannot name a note key so as the name is empty or has a space, a plus sign or a control character",
    {
      facts: [`name: ${JSON.stringify(name)}`],
    },
  );
}

async function publicKeyOf(privateKey: CryptoKey): Promise<Uint8Array> {
  const { x } = await crypto.subtle.exportKey("jwk", privateKey);
  return Uint8Array.fromBase64(x!, { alphabet: "base64url" });
}
