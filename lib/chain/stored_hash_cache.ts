import type { Clock } from "../core/clock.ts";
import type { StoredHash } from "./chain_client.ts";
import { getBlockNumber, getFinalizedBlockNumber } from "./chain_reads.ts";
import { createContractCalls } from "./contract_calls.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";

/** Records of one contract, kept as long as they can be trusted. Each answer says how far that is. */
export interface StoredHashCache {
  /** What is stored under that id; what is not stored (yet) is asked for again each time. */
  get(transactionId: bigint, options?: PoolCallOptions): Promise<StoredHash | undefined>;
}

export interface StoredHashCacheOptions {
  readonly endpoints: Pick<EndpointPool, "read">;
  readonly contract: `0x${string}`;
  readonly clock: Pick<Clock, "now">;
  /** How long a record that a reorganisation could still take away is kept. @default 300_000 */
  readonly ttlMs?: number;
  /** The record that was asked for longest ago makes room. @default 10_000 */
  readonly maxEntries?: number;
}

/** A record in a final block is kept for good, any other one for the time that is given. */
export function createStoredHashCache(
  { endpoints, contract, clock, ttlMs = 300_000, maxEntries = 10_000 }: StoredHashCacheOptions,
): StoredHashCache {
  const kept = new Map<bigint, StoredHash>();

  function isGood({ asOf }: StoredHash): boolean {
    return asOf !== undefined && (asOf.isFinal || clock.now() < asOf.readAtMs + ttlMs);
  }

  function keep(id: bigint, stored: StoredHash): StoredHash {
    kept.delete(id);
    kept.set(id, stored);
    const [oldest] = kept.keys();
    if (kept.size > maxEntries && oldest !== undefined) kept.delete(oldest);
    return stored;
  }

  return {
    async get(id, options = {}) {
      const known = kept.get(id);
      // Put back at the end, as the one that was asked for last.
      if (known !== undefined && isGood(known)) return keep(id, known);
      const readAtMs = clock.now();
      const final = await getFinalizedBlockNumber(
        endpoints,
        await getBlockNumber(endpoints, options),
        options,
      );
      if (final >= 0n) {
        const calls = createContractCalls(endpoints, contract, { block: `0x${final.toString(16)}` });
        // Before the contract was there, nobody answers for it.
        const stored = await calls.getStoredHash(id, options).catch(() => undefined);
        if (stored !== undefined) return keep(id, { ...stored, asOf: { isFinal: true, readAtMs } });
      }
      const stored = await createContractCalls(endpoints, contract).getStoredHash(id, options);
      return stored && keep(id, { ...stored, asOf: { isFinal: false, readAtMs } });
    },
  };
}
