import { hashPairs } from "./hash_pairs.ts";
import { makeSchedules } from "./make_schedules.ts";
import { INITIAL_STATE_AT, MEMORY_PAGES, ROUND_CONSTANTS_AT } from "./memory_map.ts";
import { moduleBytes } from "./module_bytes.ts";
import { initialState, roundConstants } from "./sha256_constants.ts";

/**
 * Makes the WebAssembly module that hashes the nodes of an RFC 6962 tree, four at once. It imports nothing and exports
 * its memory (`memory_map.ts`) and `hashPairs` (`hash_pairs.ts`).
 */
export function buildNodeModule(): Uint8Array<ArrayBuffer> {
  return moduleBytes({
    memoryPages: MEMORY_PAGES,
    data: { address: ROUND_CONSTANTS_AT, bytes: constants() },
    start: makeSchedules,
    exported: hashPairs,
  });
}

/** The round constants and behind them the initial state, little-endian. */
function constants(): Uint8Array {
  const view = new DataView(new ArrayBuffer(INITIAL_STATE_AT - ROUND_CONSTANTS_AT + 4 * initialState.length));
  [...roundConstants, ...initialState].forEach((word, i) => view.setUint32(4 * i, word, true));
  return new Uint8Array(view.buffer);
}
