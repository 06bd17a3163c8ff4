import type { EcdsaSignature } from "./digest_signer.ts";

/**
 * Reads an ECDSA signature in DER (RFC 3279 §2.2.3: a SEQUENCE of two INTEGERs) for a curve of 256 bits. `undefined` for anything
 * else, also for spellings that only BER allows.
 */
export function parseDerSignature(der: Uint8Array): EcdsaSignature | undefined {
  // Two integers of at most 33 bytes: every length fits its short form.
  if (der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = readInteger(der.subarray(2));
  const s = r && readInteger(der.subarray(2 + r.length));
  if (r === undefined || s === undefined || 2 + r.length + s.length !== der.length) return undefined;
  return { r: r.value, s: s.value };
}

/** A positive INTEGER in as few bytes as it needs, and how long its whole encoding is. */
function readInteger(der: Uint8Array): { readonly value: Uint8Array; readonly length: number } | undefined {
  const [tag, size = 0, first = 0, second = 0] = der;
  if (tag !== 0x02 || size === 0 || size > 33 || der.length < 2 + size || first >= 0x80) return undefined;
  const isPadded = first === 0 && size > 1;
  if (isPadded && second < 0x80) return undefined;
  const digits = der.subarray(isPadded ? 3 : 2, 2 + size);
  if (digits.length > 32) return undefined;
  const value = new Uint8Array(32);
  value.set(digits, 32 - digits.length);
  return { value, length: 2 + size };
}
