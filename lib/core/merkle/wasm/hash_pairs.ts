import { type Code, doWhile, get, i32, lanes, set, tee } from "./instructions.ts";
import { INITIAL_STATE_AT, ROUND_CONSTANTS_AT, SCHEDULE_BYTES, SCHEDULES_AT } from "./memory_map.ts";
import type { ModuleFunction } from "./module_bytes.ts";
import { beforeRounds, nextWord, round, swapBytes, transpose } from "./sha256_lanes.ts";

const MESSAGES = [0, 1, 2, 3];
const PAIR_BYTES = 64;
const HASH_BYTES = 32;
const WORD_BYTES = 4;
// Parameters: addresses of the first pair and of the first hash to write, and how many groups of four there are.
const from = 0;
const to = 1;
const groups = 2;
/** Address of the byte before the pair. */
const before = 3;
/** Bytes of round constants that are used up. */
const used = 4;
/** For each message, where the rest of its second block's schedule is. */
const schedules = [5, 6, 7, 8];
const state = locals(9, 8);
const middleState = locals(17, 8);
const words = locals(25, 16);
const spare = locals(41, 4);
const rounds = { state, differences: [45, 46] as const, sum: 47 };

/**
 * `hashPairs(from, to, groups)`: for four pairs of hashes at a time, the four hashes of SHA-256(0x01 ‖ left ‖ right)
 * (RFC 6962 §2.1).
 *
 * Such a message has 65 bytes, so two blocks. The first has all of it but its last byte. Of the second, only that byte
 * varies, so its schedule is one of 256, all made beforehand. `to` may equal `from`: hashes never overtake pairs.
 *
 * The rounds are loops over sixteen, and over eight where words come ready-made. Written out, the code is two and a
 * half times as long and a fifth slower.
 */
export const hashPairs: ModuleFunction & { readonly name: string } = {
  name: "hashPairs",
  parameterCount: 3,
  integerCount: 6,
  laneCount: 39,
  body: doWhile(
    [
      ...findSchedules(),
      ...loadFirstBlock(),
      ...state.flatMap((local, i) => set(local, initialWord(i))),
      ...hashFirstBlock(),
      ...state.flatMap((local, i) => set(local, tee(middleState[i]!, lanes.add(get(local), initialWord(i))))),
      ...hashSecondBlock(),
      ...state.flatMap((local, i) => set(local, lanes.add(get(local), get(middleState[i]!)))),
      ...storeHashes(),
      ...set(from, i32.add(get(from), i32.const(MESSAGES.length * PAIR_BYTES))),
      ...set(to, i32.add(get(to), i32.const(MESSAGES.length * HASH_BYTES))),
    ],
    tee(groups, i32.subtract(get(groups), i32.const(1))),
  ),
};

function locals(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function initialWord(i: number): Code {
  return lanes.loadWord(i32.const(0), { offset: INITIAL_STATE_AT + WORD_BYTES * i });
}

function findSchedules(): Code {
  return MESSAGES.flatMap((message) => {
    const lastByte = i32.loadByte(get(from), { offset: PAIR_BYTES * message + PAIR_BYTES - 1 });
    // SCHEDULE_BYTES is 2^8.
    return set(schedules[message]!, i32.shiftLeft(lastByte, Math.log2(SCHEDULE_BYTES)));
  });
}

/** The prefix 0x01 and the first 63 bytes. Loads that start a byte early spare the shifting of every word. */
function loadFirstBlock(): Code {
  const quarters = [0, 4, 8, 12].flatMap((word) => {
    const rows = MESSAGES.map((message) =>
      lanes.load(get(before), { offset: PAIR_BYTES * message + WORD_BYTES * word })
    );
    return [
      ...transpose(rows, words.slice(word, word + 4), spare),
      ...words.slice(word, word + 4).flatMap(swapBytes),
    ];
  });
  const withoutStrayByte = lanes.shiftRight(lanes.shiftLeft(get(words[0]!), 8), 8);
  return [
    ...set(before, i32.subtract(get(from), i32.const(1))),
    ...quarters,
    ...set(words[0]!, lanes.or(withoutStrayByte, lanes.fill(i32.const(0x01 << 24)))),
  ];
}

function hashFirstBlock(): Code {
  const constant = (number: number): Code =>
    lanes.loadWord(get(used), { offset: ROUND_CONSTANTS_AT + WORD_BYTES * number });
  const wordsAndRounds = (prepare: (number: number) => Code): Code =>
    words.flatMap((word, number) => [
      ...prepare(number),
      ...round(number, lanes.add(get(word), constant(number)), rounds),
    ]);
  return [
    ...beforeRounds(rounds),
    ...set(used, i32.const(0)),
    ...wordsAndRounds(() => []),
    ...set(used, i32.const(16 * WORD_BYTES)),
    ...doWhile(wordsAndRounds((number) => nextWord(number, words)), moreAfter(16)),
  ];
}

/** The rounds of the last byte and the padding. */
function hashSecondBlock(): Code {
  const fourRounds = (first: number): Code => {
    const rows = schedules.map((schedule) =>
      lanes.load(get(schedule), { offset: SCHEDULES_AT + WORD_BYTES * first })
    );
    const inputs = words.slice(0, 4);
    return [
      ...transpose(rows, inputs, spare),
      ...inputs.flatMap((input, i) => round(first + i, get(input), rounds)),
    ];
  };
  return [
    ...beforeRounds(rounds),
    ...set(used, i32.const(0)),
    ...doWhile(
      [
        ...fourRounds(0),
        ...fourRounds(4),
        ...schedules.flatMap((schedule) => set(schedule, i32.add(get(schedule), i32.const(8 * WORD_BYTES)))),
      ],
      moreAfter(8),
    ),
  ];
}

/** Counts that many rounds; whether any of the 64 are left. */
function moreAfter(roundCount: number): Code {
  const counted = tee(used, i32.add(get(used), i32.const(roundCount * WORD_BYTES)));
  return i32.isBelow(counted, i32.const(64 * WORD_BYTES));
}

function storeHashes(): Code {
  return [
    ...state.flatMap(swapBytes),
    ...[0, 4].flatMap((word) => {
      const targets = state.slice(word, word + 4);
      return [
        ...transpose(targets.map(get), targets, spare),
        ...targets.flatMap((row, message) =>
          lanes.store(get(to), get(row), { offset: HASH_BYTES * message + WORD_BYTES * word })
        ),
      ];
    }),
  ];
}
