import type { ChainClient } from "../chain/chain_client.ts";
import { canonicalJson } from "../core/canonical_json.ts";
import { toHex } from "../core/hex.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { parseRecord } from "../core/parse_record.ts";
import type { TrainingRecord } from "../core/record.ts";
import type { Log } from "../log/log.ts";
import type { StoredHashes } from "./stored_hashes.ts";

export interface StoreEachDeps {
  readonly log: Pick<Log, "entry">;
  readonly chain: Pick<ChainClient, "storeHash" | "kind" | "chainId">;
  readonly stored: StoredHashes;
  /** Chain and contract: the configured one first, then those it is linked with. */
  readonly scopes: readonly string[];
}

export interface StoreEachOptions {
  /** Records before this index are stored. */
  readonly size: bigint;
  readonly signal?: AbortSignal;
  readonly onStored?: ((done: number, total: number) => void) | undefined;
}

/**
 * Stores hash and metadata of every record that is not stored yet, in order; returns how many. Stops early when only the local
 * ledger of a fallback takes one: the chain is still owed that record, and asking it about each of the rest would wait as long.
 */
export async function storeEach(
  { log, chain, stored, scopes }: StoreEachDeps,
  { size, signal, onStored }: StoreEachOptions,
): Promise<number> {
  const first = await stored.firstMissing(scopes);
  let done = 0;
  for (let index = first; index < size; index++) {
    const bytes = (await log.entry(index))!;
    const id = toHex(leafHash(bytes));
    const options = { key: `record:${id}`, ...(signal === undefined ? {} : { signal }) };
    const result = await chain.storeHash(id, publicMetadata(parseRecord(bytes)), options);
    if (chain.kind === "evm" && result.submitter.startsWith("local:")) break;
    // A retired contract's successor may have taken it.
    const scope = result.contract === undefined
      ? scopes[0]!
      : `${chain.chainId} ${result.contract.toLowerCase()}`;
    await stored.put(scope, index, result);
    done++;
    onStored?.(done, Number(size - first));
  }
  return done;
}

/** What everybody may see on the chain: which run and where in it, never parameters or metrics. At most 2 048 bytes by its fields' limits. */
export function publicMetadata({ schema, kind, runId, modelId, step, epoch }: TrainingRecord): string {
  const optional = Object.entries({ modelId, step, epoch }).filter(([, value]) => value !== undefined);
  return canonicalJson({ schema, kind, runId, ...Object.fromEntries(optional) });
}
