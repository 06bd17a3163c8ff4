import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../core/hex.ts";

/** A token's two halves. */
export interface TokenParts {
  /** Public: names the token in lists and in the audit trail. 8 hex characters. */
  readonly id: string;
  /** The whole token, a secret. */
  readonly token: string;
}

const ID_BYTES = 4;
const SECRET_BYTES = 32;
const CHECKSUM_BYTES = 4;

/**
 * `pot_<id>_<secret><checksum>`: 8, 64 and 8 hex characters. The fixed beginning and length let secret scanners find one, and
 * the checksum (the first 4 bytes of SHA-256 over all before it) tells a slip from a token that is not known, also to a scanner.
 */
const FORM = /^pot_([0-9a-f]{8})_([0-9a-f]{64})([0-9a-f]{8})$/;

/** A new token; `randomBytes` must be cryptographically random. */
export function makeToken(randomBytes: (length: number) => Uint8Array): TokenParts {
  const id = toHex(randomBytes(ID_BYTES));
  const body = `pot_${id}_${toHex(randomBytes(SECRET_BYTES))}`;
  return { id, token: `${body}${checksumOf(body)}` };
}

/** The token's parts, or `undefined` for what is no token or has a slip in it. */
export function parseToken(text: string): TokenParts | undefined {
  const [, id, secret, checksum] = FORM.exec(text) ?? [];
  if (id === undefined || checksumOf(`pot_${id}_${secret}`) !== checksum) return undefined;
  return { id, token: text };
}

/**
 * What is kept of a token: SHA-256, hex. A slow hash guards what people choose; nobody finds one of 2^256 random secrets by
 * trying, however fast each try is, and a request costs no more than a microsecond this way.
 */
export function hashToken(token: string): string {
  return toHex(sha256(new TextEncoder().encode(token)));
}

/** A text in which every token is told by its public id: `pot_1f2e3d4c_[secret]`. */
export function hideTokens(text: string): string {
  return text.replace(/(pot_[0-9a-f]{8}_)[0-9a-f]{8,}/g, "$1[secret]");
}

function checksumOf(body: string): string {
  return toHex(sha256(new TextEncoder().encode(body)).subarray(0, CHECKSUM_BYTES));
}
