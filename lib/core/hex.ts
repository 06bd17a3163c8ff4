import { bytesToHex } from "@noble/hashes/utils.js";

/** Bytes as lowercase hex without a prefix. */
export const toHex: (bytes: Uint8Array) => string = bytesToHex;

const LOWER_HEX = /^(?:[0-9a-f]{2})*$/;

/**
 * Parses lowercase hex without a prefix; `undefined` for upper case, odd length, a `0x` prefix or any other character,
 * so that each byte string has exactly one accepted spelling.
 */
export function fromHex(text: string, lengthBytes?: number): Uint8Array | undefined {
  if (!LOWER_HEX.test(text)) return undefined;
  if (lengthBytes !== undefined && text.length !== lengthBytes * 2) return undefined;
  return Uint8Array.fromHex(text);
}
