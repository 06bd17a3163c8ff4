import { type Code, doWhile, get, i32, set, tee } from "./instructions.ts";
import { ROUND_CONSTANTS_AT, SCHEDULE_BYTES, SCHEDULES_AT } from "./memory_map.ts";
import type { ModuleFunction } from "./module_bytes.ts";

const byte = 0;
const schedule = 1;
const word = 2;
const offset = 3;

const WORD_BYTES = 4;
/** A node's message has 65 bytes. */
const MESSAGE_BITS = 8 * 65;

/**
 * Runs at instantiation, in memory that is all zero: for each byte that a node's message may end with, the schedule of
 * its second block (FIPS 180-4 §5.1.1, §6.2.2), with the round constants added.
 */
export const makeSchedules: ModuleFunction = {
  parameterCount: 0,
  integerCount: 4,
  laneCount: 0,
  body: [
    ...set(byte, i32.const(0)),
    ...doWhile(
      [
        ...set(
          schedule,
          i32.add(i32.const(SCHEDULES_AT), i32.shiftLeft(get(byte), Math.log2(SCHEDULE_BYTES))),
        ),
        // The byte, a one bit, zeros, and the length.
        ...i32.store(get(schedule), i32.or(i32.shiftLeft(get(byte), 24), i32.const(0x80 << 16))),
        ...i32.store(i32.add(get(schedule), i32.const(15 * WORD_BYTES)), i32.const(MESSAGE_BITS)),
        ...forWords(16, expand()),
        ...forWords(0, addConstant()),
      ],
      i32.isBelow(tee(byte, i32.add(get(byte), i32.const(1))), i32.const(256)),
    ),
  ],
};

/** Runs the body with `word` at each word of the schedule from the `first` on, and `offset` that word's bytes from the start. */
function forWords(first: number, body: Code): Code {
  const next = tee(offset, i32.add(get(offset), i32.const(WORD_BYTES)));
  return [
    ...set(offset, i32.const(first * WORD_BYTES)),
    ...doWhile(
      [...set(word, i32.add(get(schedule), get(offset))), ...body],
      i32.isBelow(next, i32.const(SCHEDULE_BYTES)),
    ),
  ];
}

function expand(): Code {
  const back = (count: number): Code => i32.load(i32.subtract(get(word), i32.const(count * WORD_BYTES)));
  const sigma = (value: Code, [first, second, shift]: readonly [number, number, number]): Code =>
    i32.xor(i32.rotateRight(value, first), i32.rotateRight(value, second), i32.shiftRight(value, shift));
  return i32.store(
    get(word),
    i32.add(back(16), back(7), sigma(back(15), [7, 18, 3]), sigma(back(2), [17, 19, 10])),
  );
}

function addConstant(): Code {
  return i32.store(
    get(word),
    i32.add(i32.load(get(word)), i32.load(get(offset), { offset: ROUND_CONSTANTS_AT })),
  );
}
