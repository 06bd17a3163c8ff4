import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { LogHead } from "../core/log_head.ts";
import type { AppendResult, Log } from "./log.ts";
import type { EventIdentity } from "./log_state.ts";

/** How to copy. */
export interface CopyLogOptions {
  /** Run and event key of a record from its bytes. */
  readonly eventKeyOf: (recordBytes: Uint8Array) => EventIdentity;
  /** Stops the copy, which can then be gone on with. */
  readonly signal?: AbortSignal;
  /** Called now and then with the records that the target has, of all. */
  readonly onProgress?: (done: bigint, total: bigint) => void;
}

/** The head that both logs have now. */
export interface LogCopy extends LogHead {
  /** Records that the target did not have yet. */
  readonly copiedCount: bigint;
}

/** Records under way at once: one commit of either log. */
const RECORDS_AT_ONCE = 256;

/** Records after which the target gets a checkpoint, so that a copy that is resumed compares no more than these. */
const RECORDS_A_CHECKPOINT = 65_536n;

/**
 * Copies a log into another of the same origin: the same bytes in the same order, so that ids, indices, heads and proofs
 * stay what they are. Makes a checkpoint of the source first; records that come in later are left for the next copy.
 * A target that has a beginning of the source is gone on with, so that a copy that was cut off is simply run again.
 * Nothing else may append to the target meanwhile.
 *
 * @throws {PotError} for another origin, or for a target that holds something else, which is then left as it is
 */
export async function copyLog(from: Log, to: Log, options: CopyLogOptions): Promise<LogCopy> {
  const { signal, onProgress = () => {} } = options;
  if (from.origin !== to.origin) {
    throw new PotError("Cannot copy the log as the other one has another origin", {
      facts: [`from: ${from.origin}`, `to: ${to.origin}`],
      hint: "give both the same log key and origin",
    });
  }
  const listening = signal ? { signal } : {};
  const source = await from.checkpoint(listening);
  const total = source?.size ?? 0n;
  const start = await to.size();
  await assertPrefix(from, to, { size: start, total });

  let at = start;
  for (let next = at + RECORDS_A_CHECKPOINT; at < total; next += RECORDS_A_CHECKPOINT) {
    const end = next < total ? next : total;
    for await (const records of inChunks(from.entries(at, end))) {
      signal?.throwIfAborted();
      const results = await Promise.all(records.map((bytes) => append(to, bytes, options)));
      assertInOrder(results, at);
      at += BigInt(records.length);
      onProgress(at, total);
    }
    if (at !== end) throw lacking(at, total);
    await to.checkpoint(listening);
  }
  if (source === undefined) throw new PotError("Cannot copy the log as it is empty");
  // Also where there was nothing left to copy: it may have been cut off before this.
  const copied = await to.checkpoint(listening);
  if (copied === undefined || copied.size !== total || !equalBytes(copied.root, source.root)) {
    throw diverged(total);
  }
  return { size: total, root: source.root, copiedCount: total - start };
}

function append(to: Log, bytes: Uint8Array, { eventKeyOf, signal }: CopyLogOptions): Promise<AppendResult> {
  const draft = { ...eventKeyOf(bytes), build: () => bytes };
  return to.append(draft, signal ? { signal } : {});
}

/** Compares what the target has, before anything is written or signed there. */
async function assertPrefix(
  from: Log,
  to: Log,
  { size, total }: { readonly size: bigint; readonly total: bigint },
): Promise<void> {
  if (size > total) throw diverged(total);
  const published = await to.publishedCheckpoint();
  let compared = 0n;
  if (published !== undefined) {
    if (!equalBytes((await from.headAt(published.size)).root, published.root)) throw diverged(published.size);
    compared = published.size;
  }
  const theirs = to.entries(compared, size)[Symbol.asyncIterator]();
  for await (const bytes of from.entries(compared, size)) {
    const { value } = await theirs.next();
    if (value === undefined || !equalBytes(bytes, value)) throw diverged(compared);
    compared++;
  }
}

async function* inChunks(records: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Uint8Array[], void> {
  let chunk: Uint8Array[] = [];
  for await (const bytes of records) {
    chunk.push(bytes);
    if (chunk.length < RECORDS_AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function assertInOrder(results: readonly AppendResult[], first: bigint): void {
  const wrong = results.findIndex(({ index, isDuplicate }, i) => isDuplicate || index !== first + BigInt(i));
  if (wrong === -1) return;
  const { index, isDuplicate } = results[wrong]!;
  const expected = first + BigInt(wrong);
  throw isDuplicate
    ? new PotError("Cannot copy the log as it has one event twice", {
      facts: [`event of record ${expected}: there at ${index} already`],
      hint: "check that the other log was empty, or a copy of this one",
    })
    : new PotError("Cannot copy the log as something else appends to the other one", {
      facts: [`record ${expected} became number ${index}`],
      hint: "empty the other log, stop what writes to it, and copy again",
    });
}

function diverged(size: bigint): PotError {
  return new PotError("Cannot copy the log as the other one holds other records", {
    facts: [`first ${size} records: not those of this log`],
    hint: "copy into an empty log, or into one that holds a beginning of this one",
  });
}

function lacking(at: bigint, total: bigint): PotError {
  return new PotError("Cannot copy the log as a record is missing in it", {
    facts: [`index: ${at}`, `size: ${total}`],
    hint: "restore it from a backup",
  });
}
