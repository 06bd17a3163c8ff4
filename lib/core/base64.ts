/** Bytes as standard base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/**
 * Parses standard base64 with padding; `undefined` for anything but the canonical spelling
 * (white space, missing padding, non-zero trailing bits, the URL alphabet).
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (/\s/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64", lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}
