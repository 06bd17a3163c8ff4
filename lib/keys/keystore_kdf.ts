import { scryptAsync } from "@noble/hashes/scrypt.js";
import { fromHex, toHex } from "../core/hex.ts";

/** How the key that encrypts is made of a passphrase: `kdf` and `kdfparams` of a keystore file. */
export type KeystoreKdf =
  | {
    readonly kdf: "scrypt";
    readonly kdfparams: {
      readonly dklen: number;
      readonly n: number;
      readonly r: number;
      readonly p: number;
      readonly salt: string;
    };
  }
  | {
    readonly kdf: "pbkdf2";
    readonly kdfparams: {
      readonly dklen: number;
      readonly c: number;
      readonly prf: "hmac-sha256";
      readonly salt: string;
    };
  };

/** A file that asks for more memory (scrypt: 128 · n · r bytes) or more work is refused: it may come from a stranger. */
const MAX_MEMORY_BYTES = 1 << 30;
const MAX_SCRYPT_WORK = 1 << 26;
const MAX_ITERATIONS = 10_000_000;

/** The parameters of a new file: as geth's, 256 MiB and about a second. */
export function scryptParameters(salt: Uint8Array, n: number): KeystoreKdf {
  return { kdf: "scrypt", kdfparams: { dklen: 32, n, r: 8, p: 1, salt: toHex(salt) } };
}

/** What `crypto.kdf` and `crypto.kdfparams` of a file say, or `undefined` where this version cannot or will not do that. */
export function parseKdf(kdf: unknown, kdfparams: unknown): KeystoreKdf | undefined {
  if (typeof kdfparams !== "object" || kdfparams === null) return undefined;
  const { dklen, salt, n, r, p, c, prf } = kdfparams as Readonly<Record<string, unknown>>;
  if (!isBetween(dklen, 32, 64) || typeof salt !== "string" || fromHex(salt.toLowerCase()) === undefined) {
    return undefined;
  }
  if (kdf === "pbkdf2") {
    if (prf !== "hmac-sha256" || !isBetween(c, 1, MAX_ITERATIONS)) return undefined;
    return { kdf, kdfparams: { dklen, c, prf, salt } };
  }
  if (kdf !== "scrypt" || !isBetween(n, 2, 2 ** 24) || !isBetween(r, 1, 64) || !isBetween(p, 1, 64)) {
    return undefined;
  }
  const isPowerOf2 = Number.isInteger(Math.log2(n));
  if (!isPowerOf2 || 128 * n * r > MAX_MEMORY_BYTES || n * r * p > MAX_SCRYPT_WORK) return undefined;
  return { kdf, kdfparams: { dklen, n, r, p, salt } };
}

/** The first 32 bytes of the derived key: 16 that encrypt, 16 that authenticate. */
export async function deriveKey(
  { kdf, kdfparams }: KeystoreKdf,
  passphrase: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { dklen } = kdfparams;
  const password = new TextEncoder().encode(passphrase);
  const salt = new Uint8Array(fromHex(kdfparams.salt.toLowerCase())!);
  if (kdf === "scrypt") {
    const { n: N, r, p } = kdfparams;
    // noble counts a little more than 128 · N · r against its own limit.
    const maxmem = 2 * MAX_MEMORY_BYTES;
    return new Uint8Array(await scryptAsync(password, salt, { N, r, p, dkLen: dklen, maxmem })).slice(0, 32);
  }
  const base = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const { c: iterations } = kdfparams;
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    base,
    8 * dklen,
  );
  return new Uint8Array(bits).slice(0, 32);
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
