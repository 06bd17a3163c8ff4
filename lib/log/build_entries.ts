import { UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { MAX_ENTRY_BYTES } from "./entry_bundle.ts";
import type { AppendResult, LogDraft } from "./log.ts";

/** A record that is about to become a leaf. */
export interface NewEntry {
  readonly id: Uint8Array;
  readonly eventKey: Uint8Array;
  readonly runId: string;
  readonly bytes: Uint8Array;
}

export interface BuiltBatch {
  readonly entries: readonly NewEntry[];
  /** One a draft, valid once the entries are durable. */
  readonly outcomes: readonly PromiseSettledResult<AppendResult>[];
}

/** What a log knows already of the events and runs in a batch. */
export interface KnownRecords {
  /** The first record with that event key. */
  findEvent(eventKey: Uint8Array): { readonly position: number; readonly id: Uint8Array } | undefined;
  /** Id of a run's last record. */
  lastOfRun(runId: string): Uint8Array | undefined;
}

/**
 * Builds the records of a batch in order, the first of them to stand at `first`, and answers each draft: one whose event
 * is known, or earlier in the batch, with that record; one that cannot be built with its error, which is no other
 * draft's. Call it with the log locked, as the answers hold only while nobody else appends.
 */
export function buildEntries(
  drafts: readonly LogDraft[],
  { known, first }: { readonly known: KnownRecords; readonly first: number },
): BuiltBatch {
  const entries: NewEntry[] = [];
  const byEventKey = new Map<string, AppendResult>();
  const lastOfRun = new Map<string, Uint8Array>();

  function appendOrFind({ runId, eventKey, build }: LogDraft): AppendResult {
    const key = toHex(eventKey);
    const inBatch = byEventKey.get(key);
    if (inBatch !== undefined) return { ...inBatch, isDuplicate: true };
    const inLog = known.findEvent(eventKey);
    if (inLog !== undefined) return { id: toHex(inLog.id), index: BigInt(inLog.position), isDuplicate: true };

    const previous = lastOfRun.get(runId) ?? known.lastOfRun(runId);
    const bytes = build(previous && toHex(previous));
    assertEntrySize(bytes);
    const id = leafHash(bytes);
    const result = { id: toHex(id), index: BigInt(first + entries.length), isDuplicate: false };
    entries.push({ id, eventKey, runId, bytes });
    byEventKey.set(key, result);
    lastOfRun.set(runId, id);
    return result;
  }

  const outcomes = drafts.map((draft): PromiseSettledResult<AppendResult> => {
    try {
      return { status: "fulfilled", value: appendOrFind(draft) };
    } catch (reason) {
      return { status: "rejected", reason };
    }
  });
  return { entries, outcomes };
}

function assertEntrySize({ length }: Uint8Array): void {
  if (length === 0) throw new UsageError("Cannot append the record as it is empty");
  if (length <= MAX_ENTRY_BYTES) return;
  throw new UsageError("Cannot append the record as it is too large", {
    facts: [`size: ${length} bytes`, `limit: ${MAX_ENTRY_BYTES} bytes`],
    hint: "record a digest of the data in place of the data",
  });
}
