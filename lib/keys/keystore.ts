import { keccak_256 } from "@noble/hashes/sha3.js";
import { UsageError } from "../core/errors.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { fromHex, toHex } from "../core/hex.ts";
import { deriveKey, type KeystoreKdf, parseKdf, scryptParameters } from "./keystore_kdf.ts";

/** One private key, encrypted with a passphrase: version 3 of Ethereum's Web3 Secret Storage, as geth and Foundry keep theirs. */
export interface Keystore {
  readonly version: 3;
  /** UUID; says nothing about the key. */
  readonly id: string;
  /** The account, 40 lowercase hex characters without `0x`; some programs leave it out. */
  readonly address?: string;
  readonly crypto: {
    readonly cipher: "aes-128-ctr";
    /** Hex, as all below. */
    readonly ciphertext: string;
    readonly cipherparams: { readonly iv: string };
    /** keccak256 of the second half of the derived key and the ciphertext. */
    readonly mac: string;
  } & KeystoreKdf;
}

/** How a {@linkcode Keystore} is made. */
export interface EncryptKeystoreOptions {
  /** The key's account, in any spelling. */
  readonly address: string;
  readonly passphrase: string;
  /** scrypt's cost, a power of 2; the default takes 256 MiB and about a second. @default 262144 */
  readonly scryptN?: number;
}

/** Encrypts 32 bytes of private key. */
export async function encryptKeystore(
  privateKey: Uint8Array,
  { address, passphrase, scryptN = 262_144 }: EncryptKeystoreOptions,
): Promise<Keystore> {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const kdf = scryptParameters(random(32), scryptN);
  const iv = random(16);
  const derived = await deriveKey(kdf, passphrase);
  const ciphertext = await encrypt(privateKey, derived, iv);
  return {
    version: 3,
    id: crypto.randomUUID(),
    address: address.replace(/^0x/, "").toLowerCase(),
    crypto: {
      cipher: "aes-128-ctr",
      ciphertext: toHex(ciphertext),
      cipherparams: { iv: toHex(iv) },
      ...kdf,
      mac: toHex(macOf(derived, ciphertext)),
    },
  };
}

/**
 * The private key, 32 bytes.
 *
 * @throws {UsageError} when the passphrase is another one, which cannot be told from a changed file.
 */
export async function decryptKeystore(
  { crypto: { ciphertext, cipherparams, mac, ...kdf } }: Keystore,
  passphrase: string,
): Promise<Uint8Array> {
  const encrypted = fromHex(ciphertext)!;
  // As it is, which is what geth takes, and as ethers spells it, where that is another text.
  for (const spelling of new Set([passphrase, passphrase.normalize("NFKC")])) {
    const derived = await deriveKey(kdf, spelling);
    if (!equalBytes(macOf(derived, encrypted), fromHex(mac)!)) continue;
    // CTR mode: the same operation both ways.
    const key = await encrypt(encrypted, derived, fromHex(cipherparams.iv)!);
    return new Uint8Array([...new Uint8Array(32 - key.length), ...key]);
  }
  throw new UsageError("Cannot open the keystore as the passphrase is wrong, or the file was changed", {
    hint: "give the passphrase that the file was made with",
  });
}

/**
 * Reads a keystore file's text. What it cannot mean is refused here, so that `decryptKeystore` meets only its passphrase.
 *
 * @throws {UsageError} when it is none, or of a kind this version cannot open.
 */
export function parseKeystore(text: string): Keystore {
  const value = parseObject(text);
  if (value === undefined) throw refuse("it is not a JSON object");
  if (value["version"] !== 3) throw refuse("it is not of version 3");
  const { id, address } = value;
  // Old files of geth write it with a capital.
  const section = value["crypto"] ?? value["Crypto"];
  if (typeof section !== "object" || section === null) throw refuse("it has no crypto section");
  const { cipher, ciphertext, cipherparams, mac, kdf, kdfparams } = section as Readonly<
    Record<string, unknown>
  >;
  if (cipher !== "aes-128-ctr") throw refuse("its cipher is not aes-128-ctr");
  const known = parseKdf(kdf, kdfparams);
  if (known === undefined) {
    throw refuse("its key derivation is neither scrypt nor pbkdf2 with usual parameters");
  }
  const { iv } = (cipherparams ?? {}) as Readonly<Record<string, unknown>>;
  const shownAddress = address === undefined || address === "" ? undefined : hex(address, 20, "address");
  return {
    version: 3,
    id: typeof id === "string" ? id : "",
    ...(shownAddress === undefined ? {} : { address: shownAddress }),
    crypto: {
      cipher,
      ciphertext: hex(ciphertext, keyLength(ciphertext), "ciphertext"),
      cipherparams: { iv: hex(iv, 16, "iv") },
      ...known,
      mac: hex(mac, 32, "mac"),
    },
  };
}

/** 32 bytes, or the few less of old files of geth: they leave out the zeros that a key begins with. */
function keyLength(ciphertext: unknown): number {
  const length = typeof ciphertext === "string" ? ciphertext.replace(/^0x/, "").length / 2 : 32;
  return length >= 28 && length < 32 ? length : 32;
}

function hex(value: unknown, lengthBytes: number, name: string): string {
  const text = typeof value === "string" ? value.toLowerCase().replace(/^0x/, "") : "";
  if (fromHex(text, lengthBytes) === undefined) {
    throw refuse(`its ${name} is not ${lengthBytes} bytes of hex`);
  }
  return text;
}

function refuse(reason: string): UsageError {
  return new UsageError(`Cannot open the keystore as ${reason}`, {
    hint: "name a version 3 keystore file, as pot keys new and other Ethereum tools write it",
  });
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Readonly<Record<string, unknown>>
      : undefined;
  } catch {
    return undefined;
  }
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return keccak_256.create().update(derived.subarray(16, 32)).update(ciphertext).digest();
}

async function encrypt(
  bytes: Uint8Array,
  derived: Uint8Array<ArrayBuffer>,
  iv: Uint8Array,
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", derived.slice(0, 16), "AES-CTR", false, ["encrypt"]);
  const counter = new Uint8Array(iv);
  return new Uint8Array(
    await crypto.subtle.encrypt({ name: "AES-CTR", counter, length: 128 }, key, new Uint8Array(bytes)),
  );
}
