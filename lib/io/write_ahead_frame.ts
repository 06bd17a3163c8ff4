import { createHash } from "node:crypto";
import { equalBytes } from "../core/equal_bytes.ts";

/**
 * Starts every frame. None of these bytes occurs in UTF-8 text, so that a payload of text, whoever wrote it, cannot
 * hold something that looks like a frame.
 */
const MAGIC = Uint8Array.of(0xf5, 0xfe, 0xf8, 0xff);
const CHECKSUM_BYTES = 8;
/** magic | payload length, u32 big-endian | first 8 bytes of SHA-256(length | payload). The payload follows. */
export const FRAME_HEAD_BYTES = MAGIC.length + 4 + CHECKSUM_BYTES;
/** Above the largest batch of a log (16 MiB), so that no length field can ask for much memory. */
const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;

/** A payload in its frame. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`A frame holds at most ${MAX_PAYLOAD_BYTES} bytes`);
  }
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  frame.set(MAGIC);
  new DataView(frame.buffer).setUint32(MAGIC.length, payload.length);
  frame.set(payload, FRAME_HEAD_BYTES);
  frame.set(checksum(frame), MAGIC.length + 4);
  return frame;
}

/** The payload length that a frame's head states, or `undefined` where no frame starts. */
export function payloadLength(head: Uint8Array): number | undefined {
  if (head.length < FRAME_HEAD_BYTES || !equalBytes(head.subarray(0, MAGIC.length), MAGIC)) return undefined;
  const length = new DataView(head.buffer, head.byteOffset).getUint32(MAGIC.length);
  return length > MAX_PAYLOAD_BYTES ? undefined : length;
}

/** Whether a whole frame's checksum matches its length and payload. */
export function isIntact(frame: Uint8Array): boolean {
  return equalBytes(frame.subarray(MAGIC.length + 4, FRAME_HEAD_BYTES), checksum(frame));
}

/** Offset of the first place from `from` on where a frame may start, or -1. */
export function findMagic(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(MAGIC[0]!, from); at >= 0; at = bytes.indexOf(MAGIC[0]!, at + 1)) {
    if (MAGIC.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function checksum(frame: Uint8Array): Uint8Array {
  const lengthField = frame.subarray(MAGIC.length, MAGIC.length + 4);
  // A frame of 64 records takes 19 µs this way, against 157 in JavaScript.
  return createHash("sha256").update(lengthField).update(frame.subarray(FRAME_HEAD_BYTES)).digest()
    .subarray(0, CHECKSUM_BYTES);
}
