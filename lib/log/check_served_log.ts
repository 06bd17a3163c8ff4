import { parseCheckpointNote, verifyCheckpointNote } from "../core/checkpoint_note.ts";
import { type PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { LogHead } from "../core/log_head.ts";
import { type LogKey, mayVouchFor } from "../core/log_keys.ts";
import { mapInOrder } from "../core/map_in_order.ts";
import { parseVerifierKey } from "../core/note_key.ts";
import { checkpointWarnings } from "./header_warnings.ts";
import type { ServedFiles } from "./served_files.ts";
import { createServedLogTally, type ServedLogReport, type ServedLogTally } from "./served_log_report.ts";
import { readServedTiles } from "./served_tiles.ts";
import { TILE_WIDTH } from "./tile_path.ts";
import { checkLeafTile, walkServedTree } from "./walk_served_tree.ts";

/** What a served log is held against, and how much of it is looked at. */
export interface CheckServedLogOptions {
  /** The log's keys, each good for its sizes; their name is the origin that the checkpoint must have. */
  readonly keys: readonly Pick<LogKey, "verifierKey" | "from" | "to">[];
  /** Looks only at so many bundles, drawn at random, with all that leads from them to the root, and at the newest ones. @default all */
  readonly sample?: { readonly bundleCount: number; readonly random: () => number };
  /** Files that are asked for at once. @default 8 */
  readonly concurrency?: number;
  /** Ends the check with its reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the bundles that were looked at, of all that will be. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** As in `checkpoint_file.ts`: more than a note may have. */
const MAX_CHECKPOINT_BYTES = 1024 * 1024;

/**
 * Checks a published log as a client of C2SP tlog-tiles would, and completely: the checkpoint's signature and origin, every tile from
 * the root down, and every entry against its leaf. Holds a few files at a time, however long the log is. What is wrong is in the
 * report, file by file; nothing of it is thrown.
 *
 * @throws {UsageError} when no key is given, or keys of several logs
 * @throws the signal's reason, when it aborts
 */
export async function checkServedLog(
  files: ServedFiles,
  options: CheckServedLogOptions,
): Promise<ServedLogReport> {
  const origin = originOf(options.keys);
  const tally = createServedLogTally();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let head: CheckedHead | undefined;
  let unreachable: UnreachableError | undefined;
  let isComplete = false;
  try {
    head = await checkCheckpoint(files, { ...options, origin, tally, signal });
    if (head !== undefined) isComplete = await checkTree(files, { ...options, head, tally, signal, stop });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof UnreachableError)) throw error;
    unreachable = error;
  } finally {
    stop.abort();
  }
  return {
    ...(head === undefined ? {} : {
      origin,
      size: head.size,
      root: toHex(head.root),
      ...(head.signedBy === undefined ? {} : { signedBy: head.signedBy }),
    }),
    isComplete,
    ...tally.report(),
    ...(unreachable === undefined ? {} : { unreachable: reasonOf(unreachable) }),
  };
}

interface CheckedHead extends LogHead {
  readonly signedBy?: string;
}

interface Checking extends CheckServedLogOptions {
  readonly tally: ServedLogTally;
  readonly signal: AbortSignal;
}

/** The head, where there is one to look further into; one that the key did not sign is checked all the same. */
async function checkCheckpoint(
  files: ServedFiles,
  { keys, origin, tally, signal }: Checking & { readonly origin: string },
): Promise<CheckedHead | undefined> {
  const path = "checkpoint";
  const file = await files.get(path, { maxBytes: MAX_CHECKPOINT_BYTES, signal });
  if (!file.isFound) return void tally.problem(path, file.because);
  tally.fileCount++;
  for (const warning of file.headers === undefined ? [] : checkpointWarnings(file.headers)) {
    tally.warn(path, warning);
  }
  let note;
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.bytes);
    note = parseCheckpointNote(text);
  } catch (error) {
    const reason = error instanceof TypeError ? "not UTF-8" : (error as PotError).message;
    return void tally.problem(path, `it is no checkpoint: ${reason}`);
  }
  const { size, root } = note;
  if (note.origin !== origin) {
    tally.problem(path, `its origin is ${JSON.stringify(note.origin.slice(0, 200))}, and not ${origin}`);
  }
  let signedBy: string | undefined;
  for (const key of keys) {
    if (mayVouchFor(key, size) && await verifyCheckpointNote(text, key.verifierKey)) {
      signedBy = key.verifierKey;
    }
  }
  if (signedBy === undefined) {
    tally.problem(path, `it is not signed by a log key that is good for size ${size}`);
  }
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
    return void tally.problem(path, `its size, ${size}, is more than can be looked at`);
  }
  return { size, root, ...(signedBy === undefined ? {} : { signedBy }) };
}

interface CheckingTree extends Checking {
  readonly head: CheckedHead;
  /** Ends what is under way. */
  readonly stop: AbortController;
}

/** Looks at tiles and bundles; answers whether it got to all of them. */
async function checkTree(
  files: ServedFiles,
  { head, tally, signal, stop, sample, concurrency = 8, onProgress = () => {} }: CheckingTree,
): Promise<boolean> {
  const size = Number(head.size);
  const bundleCount = Math.ceil(size / TILE_WIDTH);
  const chosen = sample === undefined || sample.bundleCount >= bundleCount
    ? undefined
    : drawn(sample.bundleCount, { of: bundleCount, random: sample.random });
  const total = chosen?.size ?? bundleCount;
  const tiles = readServedTiles(files, { tally, signal });
  const underWay = new Set<Promise<void>>();
  const walk = walkServedTree({ ...head, size }, {
    tiles,
    tally,
    ...(chosen === undefined ? {} : { isWanted: isWantedBy(chosen) }),
  });
  let done = 0;
  try {
    const checking = mapInOrder(walk.leafTiles(), (leaf) => {
      const work = checkLeafTile(leaf, { tiles, tally });
      underWay.add(work);
      const forget = () => void underWay.delete(work);
      work.then(forget, forget);
      return work;
    }, { concurrency: () => Math.max(1, Math.ceil(concurrency / 2)) });
    for await (const _ of checking) onProgress(Math.min(++done, total), total);
  } catch (error) {
    // What is under way is of no use any more, and must not outlive this call.
    stop.abort();
    await Promise.allSettled(underWay);
    throw error;
  }
  return walk.isComplete();
}

/** Which bundles to look at: as many as asked for, and none twice. */
function drawn(
  count: number,
  { of, random }: { readonly of: number; readonly random: () => number },
): ReadonlySet<number> {
  // Robert Floyd's way: one draw for each, however many there are to choose from.
  const chosen = new Set<number>();
  for (let last = of - count; last < of; last++) {
    const candidate = Math.floor(random() * (last + 1));
    chosen.add(chosen.has(candidate) ? last : candidate);
  }
  return chosen;
}

function isWantedBy(chosen: ReadonlySet<number>): (level: number, index: number) => boolean {
  const bundles = [...chosen];
  return (level, index) => {
    const width = TILE_WIDTH ** level;
    return bundles.some((bundle) => Math.floor(bundle / width) === index);
  };
}

function originOf(keys: CheckServedLogOptions["keys"]): string {
  const [origin, ...others] = new Set(keys.map(({ verifierKey }) => parseVerifierKey(verifierKey).name));
  if (origin !== undefined && others.length === 0) return origin;
  throw new UsageError(
    origin === undefined
      ? "Cannot check the log as no key of it is given"
      : "Cannot check the log as the keys are of several logs",
    { hint: "give what pot log keys prints, from the log's owner" },
  );
}

function reasonOf({ message, facts }: PotError): string {
  return [message, ...facts].join("; ");
}
