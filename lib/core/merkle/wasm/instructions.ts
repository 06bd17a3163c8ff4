/**
 * WebAssembly instructions as bytes (WebAssembly core specification 2.0 §5.4). Each function takes the code of its
 * operands, which it puts in front of its own, so that code reads as an expression.
 */

/** Encoded instructions. */
export type Code = readonly number[];

/** An unsigned integer in LEB128 (§5.2.2). */
export function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** A signed 32-bit integer in LEB128 (§5.2.2). */
function signed(value: number): Code {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
/** Sets the local and leaves the value on the stack. */
export const tee = (local: number, value: Code): Code => [...value, 0x22, ...unsigned(local)];

/** Runs the body again as long as the condition is not zero. */
export const doWhile = (body: Code, condition: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0x00],
  0x0b,
];

const NO_OFFSET = { offset: 0 };

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value | 0)],
  load: (address: Code, { offset } = NO_OFFSET): Code => [...address, 0x28, 2, ...unsigned(offset)],
  loadByte: (address: Code, { offset } = NO_OFFSET): Code => [...address, 0x2d, 0, ...unsigned(offset)],
  store: (address: Code, value: Code): Code => [...address, ...value, 0x36, 2, 0],
  isBelow: (a: Code, b: Code): Code => [...a, ...b, 0x49],
  add: (...terms: Code[]): Code => fold(terms, [0x6a]),
  subtract: (a: Code, b: Code): Code => [...a, ...b, 0x6b],
  or: (a: Code, b: Code): Code => [...a, ...b, 0x72],
  xor: (...terms: Code[]): Code => fold(terms, [0x73]),
  shiftLeft: (value: Code, bits: number): Code => [...value, ...i32.const(bits), 0x74],
  shiftRight: (value: Code, bits: number): Code => [...value, ...i32.const(bits), 0x76],
  rotateRight: (value: Code, bits: number): Code => [...value, ...i32.const(bits), 0x78],
};

/** Four 32-bit lanes in one 128-bit value. */
export const lanes = {
  load: (address: Code, { offset } = NO_OFFSET): Code => [...address, 0xfd, 0x00, 0, ...unsigned(offset)],
  /** The same 32-bit word of memory in each lane. */
  loadWord: (address: Code, { offset } = NO_OFFSET): Code => [...address, 0xfd, 0x09, 2, ...unsigned(offset)],
  store: (address: Code, value: Code, { offset } = NO_OFFSET): Code => [
    ...address,
    ...value,
    ...[0xfd, 0x0b, 0, ...unsigned(offset)],
  ],
  /** Sixteen bytes picked from the 32 of `a` and `b`. */
  pick: (a: Code, b: Code, indices: readonly number[]): Code => [...a, ...b, 0xfd, 0x0d, ...indices],
  fill: (word: Code): Code => [...word, 0xfd, 0x11],
  and: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0x4e],
  or: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0x50],
  xor: (...terms: Code[]): Code => fold(terms, [0xfd, 0x51]),
  /** Bits of `ones` where the mask has ones, of `zeros` elsewhere. */
  select: (ones: Code, zeros: Code, mask: Code): Code => [...ones, ...zeros, ...mask, 0xfd, 0x52],
  shiftLeft: (value: Code, bits: number): Code => [...value, ...i32.const(bits), 0xfd, 0xab, 0x01],
  shiftRight: (value: Code, bits: number): Code => [...value, ...i32.const(bits), 0xfd, 0xad, 0x01],
  add: (...terms: Code[]): Code => fold(terms, [0xfd, 0xae, 0x01]),
};

/** Joins the terms left to right by an operator of two operands. */
function fold([first, ...others]: readonly Code[], operator: Code): Code {
  return [...first!, ...others.flatMap((term) => [...term, ...operator])];
}
