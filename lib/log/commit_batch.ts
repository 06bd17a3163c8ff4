import { buildEntries } from "./build_entries.ts";
import { decodeBundle, encodeBundle } from "./entry_bundle.ts";
import type { AppendResult, LogDraft } from "./log.ts";
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
  const { entries, outcomes } = buildEntries(drafts, { known: state.index, first });
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
  state.indexAppended(rows, { size: first + rows.length, identity: file.identity, end, lastFrame });
  return outcomes;
}
