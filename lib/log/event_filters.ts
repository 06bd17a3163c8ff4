import { createKeyFilter, type KeyFilter, LANES } from "./key_filter.ts";

/** Where an event key may be found, stretch by stretch of the log, without asking the database about each. */
export interface EventFilters {
  /** The stretches of a log of `size` entries that may have the key, oldest first. */
  stretchesWith(eventKey: Uint8Array, size: number): readonly number[];
  /** Learns the key of an entry that was added just now. */
  added(position: number, eventKey: Uint8Array): void;
  /** Forgets everything, as the entries may be others now. */
  reset(): void;
}

export interface EventFiltersOptions {
  /** Entries in a stretch. */
  readonly stretchLength: number;
  /** The first 16 bytes of each event key from one position up to another, end to end, in any order. */
  readonly readKeys: (from: number, to: number) => Uint8Array;
}

/** Eight stretches side by side. */
interface Group {
  /** How often it was asked. */
  asked: number;
  filter?: KeyFilter;
  /** Entries before this position are in the filter. */
  end: number;
}

/** A process that asks this often remembers the keys (in 2 bytes an entry); one that records a few things does not. */
const ASKED_OFTEN = 32;
/** So many keys are learned with each question, in about a millisecond. */
const LEARNED_AT_ONCE = 2_048;
const KEY_BYTES = 16;

export function createEventFilters({ stretchLength, readKeys }: EventFiltersOptions): EventFilters {
  let groups: Group[] = [];
  const laneOf = (position: number) => Math.floor(position / stretchLength) % LANES;

  /** The lanes of a group that may have the key: those it has not learned wholly are among them. */
  function lanesWith(eventKey: Uint8Array, index: number, size: number): number {
    const start = index * LANES * stretchLength;
    const group = groups[index] ??= { asked: 0, end: start };
    if (group.filter === undefined && ++group.asked < ASKED_OFTEN) return 0xff;
    const filter = group.filter ??= createKeyFilter(stretchLength);
    const end = Math.min(size, start + LANES * stretchLength);
    if (group.end < end) {
      const lane = laneOf(group.end);
      const stretchEnd = (Math.floor(group.end / stretchLength) + 1) * stretchLength;
      const to = Math.min(end, stretchEnd, group.end + LEARNED_AT_ONCE);
      const keys = readKeys(group.end, to);
      for (let at = 0; at < keys.length; at += KEY_BYTES) filter.add(keys.subarray(at, at + KEY_BYTES), lane);
      group.end = to;
    }
    return filter.lanesOf(eventKey) | (group.end < end ? 0xff << laneOf(group.end) & 0xff : 0);
  }

  return {
    stretchesWith(eventKey, size) {
      const stretches: number[] = [];
      for (let group = 0; group * LANES * stretchLength < size; group++) {
        const lanes = lanesWith(eventKey, group, size);
        for (let lane = 0; lanes >> lane > 0; lane++) {
          const stretch = group * LANES + lane;
          if ((lanes >> lane & 1) === 1 && stretch * stretchLength < size) stretches.push(stretch);
        }
      }
      return stretches;
    },
    added(position, eventKey) {
      const group = groups[Math.floor(position / (LANES * stretchLength))];
      if (group?.filter === undefined || group.end !== position) return;
      group.filter.add(eventKey, laneOf(position));
      group.end++;
    },
    reset() {
      groups = [];
    },
  };
}
