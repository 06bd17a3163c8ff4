/** Where the engine's memory holds what, in bytes. */

/** The 64 round constants, little-endian words. Not 0, as the engine reads one byte before a node. */
export const ROUND_CONSTANTS_AT = 64;
/** The 8 words of the initial state. */
export const INITIAL_STATE_AT: number = ROUND_CONSTANTS_AT + 4 * 64;
/** For each value of a node's last byte, the 64 words of its second block's schedule, round constants added. */
export const SCHEDULES_AT: number = 1 << 16;
export const SCHEDULE_BYTES: number = 4 * 64;
/** What is hashed: pairs of hashes end to end. */
export const NODES_AT: number = SCHEDULES_AT + 256 * SCHEDULE_BYTES;
/** Pairs that fit. More in one call gain nothing, and a short call lets the engine change to better machine code soon. */
export const PAIRS_AT_ONCE = 1024;
export const MEMORY_PAGES: number = (NODES_AT + 64 * PAIRS_AT_ONCE) >> 16;
