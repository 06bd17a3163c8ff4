import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { TransactionSigner } from "../core/signer.ts";
import { withinTime } from "../io/within_time.ts";
import { toViemTransaction } from "./to_viem_transaction.ts";

/** The two numbers of an ECDSA signature, big-endian, 32 bytes each. */
export interface EcdsaSignature {
  /** Of the curve point. */
  readonly r: Uint8Array;
  /** Either of the two that are valid. */
  readonly s: Uint8Array;
}

/** What signs, and as whom. One of `publicKey` and `address`. */
export interface DigestSignerOptions {
  /** 65 bytes: 4, x, y (SEC 1 §2.3.3, uncompressed). */
  readonly publicKey?: Uint8Array;
  /** The key's account, in any case. */
  readonly address?: `0x${string}`;
  /** Signs 32 bytes as they are, with secp256k1. */
  readonly signDigest: (
    digest: Uint8Array,
    options: { readonly signal: AbortSignal },
  ) => Promise<EcdsaSignature>;
  /** The longest that one signature may take, in milliseconds: `signDigest` is told to stop then. @default 30 000 */
  readonly timeoutMs?: number;
}

/** The prime of secp256k1's field, and the order of its group (SEC 2 §2.4.1). */
const FIELD = 2n ** 256n - 2n ** 32n - 977n;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * A signer over something that only signs digests, such as a key in a hardware module. Of the two signatures that are valid it takes
 * the one with the low `s`, as EIP-2 asks, and finds out which of the two public keys that fit made it. viem is loaded here.
 *
 * `signTransaction` rejects with a PotError when the signature is none, or another key's: nothing is signed then.
 *
 * @throws {UsageError} when the public key is no point of the curve, or the address is none.
 */
export async function createDigestSigner(
  { publicKey, address: given, signDigest, timeoutMs = 30_000 }: DigestSignerOptions,
): Promise<TransactionSigner> {
  const { getAddress, isAddress, keccak256, recoverAddress, serializeTransaction } = await import(
    "viem/utils"
  );
  const address = publicKey === undefined ? given : await accountOf(publicKey);
  if (address === undefined || !isAddress(address, { strict: false })) {
    throw new UsageError("Cannot sign as the key's address is none");
  }
  const account = getAddress(address);
  return {
    address: account,
    async signTransaction(transaction, { signal } = {}) {
      const unsigned = toViemTransaction(transaction);
      const hash = keccak256(serializeTransaction(unsigned));
      const signed = await withinTime(
        (signal) => signDigest(Uint8Array.fromHex(hash.slice(2)), { signal }),
        { timeoutMs, whenLate: () => tooLate(account, timeoutMs), ...(signal && { signal }) },
      );
      const numbers = normalize(signed);
      if (numbers === undefined) throw refuse(account, "what came back is no signature");
      for (const yParity of [0, 1]) {
        const signature = { ...numbers, yParity, v: BigInt(27 + yParity) };
        const signer = await recoverAddress({ hash, signature }).catch(() => undefined);
        if (signer === account) return serializeTransaction(unsigned, signature);
      }
      throw refuse(account, "the signature is another key's");
    },
  };
}

/** The account of a public key of secp256k1, EIP-55. */
async function accountOf(publicKey: Uint8Array): Promise<`0x${string}`> {
  if (!isPoint(publicKey)) {
    throw new UsageError("Cannot sign as the public key is no uncompressed point of secp256k1", {
      hint: "name a key of the curve secp256k1: ECC_SECG_P256K1 in AWS, P-256K in Azure",
    });
  }
  const { publicKeyToAddress } = await import("viem/utils");
  return publicKeyToAddress(`0x${toHex(publicKey)}`);
}

/** Another curve's points have the same form. */
function isPoint(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 65 || publicKey[0] !== 4) return false;
  const x = BigInt(`0x${toHex(publicKey.subarray(1, 33))}`);
  const y = BigInt(`0x${toHex(publicKey.subarray(33))}`);
  return x < FIELD && y < FIELD && (y * y - x * x * x - 7n) % FIELD === 0n;
}

function normalize({ r, s }: EcdsaSignature) {
  const [first, second] = [toNumber(r), toNumber(s)];
  if (first === undefined || second === undefined) return undefined;
  const low = second > ORDER / 2n ? ORDER - second : second;
  return { r: hex32(first), s: hex32(low) };
}

/** From 1 to below the order. */
function toNumber(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== 32) return undefined;
  const value = BigInt(`0x${toHex(bytes)}`);
  return value > 0n && value < ORDER ? value : undefined;
}

function hex32(value: bigint): `0x${string}` {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function tooLate(account: string, timeoutMs: number): UnreachableError {
  return new UnreachableError("Cannot sign as the key's holder did not answer in time", {
    facts: [`account: ${account}`, `waited: ${timeoutMs} ms`],
    hint: "try again; POT_KEY_TIMEOUT gives it longer",
  });
}

function refuse(account: string, reason: string): PotError {
  return new PotError(`Cannot sign as ${reason}`, {
    facts: [`account: ${account}`],
    hint: "check POT_KEY_SOURCE and that the key was not replaced; nothing was signed or sent",
  });
}
