import { UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from "./entry_bundle.ts";
import type { AppendResult, LogDraft } from "./log.ts";
import type { LogIndex } from "./log_index.ts";
import type { LogState } from "./log_state.ts";

/**
 * Appends a batch of drafts as one frame, durably, and answers each: a draft whose event is already in the log, or
 * earlier in the batch, with that record; one that cannot be built with its error, which is no other draft's. Hold the
 * log's lock. When it rejects, nothing of the batch is acknowledged.
 */
export async function commitBatch(
  state: LogState,
  drafts: readonly LogDraft[],
): Promise<readonly PromiseSettledResult<AppendResult>[]> {
  const file = await state.catchUp();
  const first = state.index.mark().size;
  const { entries, outcomes } = buildEntries(state.index, drafts, first);
  if (entries.length === 0) return outcomes;

  const lastFrame = file.end;
  const bundle = encodeBundle(entries.map(({ bytes }) => bytes));
  const { offset, end } = await file.append(bundle);

  const places = decodeBundle(bundle)!;
  const rows = entries.map(({ id, eventKey, runId, bytes }, i) => ({
    position: first + i,
    id,
    eventKey,
    runId,
    frame: lastFrame,
    offset: offset + places[i]!.offset,
    lengthBytes: bytes.length,
  }));
  state.index.add(rows, { size: first + rows.length, identity: file.identity, end, lastFrame });
  return outcomes;
}

interface NewEntry {
  readonly id: Uint8Array;
  readonly eventKey: Uint8Array;
  readonly runId: string;
  readonly bytes: Uint8Array;
}

interface BuiltBatch {
  readonly entries: readonly NewEntry[];
  /** One a draft, valid once the entries are durable. */
  readonly outcomes: readonly PromiseSettledResult<AppendResult>[];
}

function buildEntries(index: LogIndex, drafts: readonly LogDraft[], first: number): BuiltBatch {
  const entries: NewEntry[] = [];
  const byEventKey = new Map<string, AppendResult>();
  const lastOfRun = new Map<string, Uint8Array>();

  function appendOrFind({ runId, eventKey, build }: LogDraft): AppendResult {
    const key = toHex(eventKey);
    const inBatch = byEventKey.get(key);
    if (inBatch !== undefined) return { ...inBatch, isDuplicate: true };
    const inLog = index.findEvent(eventKey);
    if (inLog !== undefined) return { id: toHex(inLog.id), index: BigInt(inLog.position), isDuplicate: true };

    const previous = lastOfRun.get(runId) ?? index.lastOfRun(runId);
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
