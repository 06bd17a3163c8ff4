import type { Clock } from "../core/clock.ts";
import type { NamePattern } from "../core/name_pattern.ts";
import type { Artifact } from "../core/record.ts";
import {
  createRecordingPolicy,
  type PolicyEvent,
  type RecordingPolicySpec,
} from "../core/recording_policy.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { FolderItem } from "../io/folder_items.ts";
import type { Recorder } from "./recorder.ts";
import { createSettling } from "./settling.ts";
import { createWatchItems, type MetricsBySteps } from "./watch_items.ts";
import { openWatchState } from "./watch_state.ts";
import { createWatchTally, type WatchNews, type WatchSummary } from "./watch_tally.ts";

/** The folder that is watched, as far as a watch touches it. */
export interface WatchedFolder {
  /** Absolute, without links. */
  readonly path: string;
  /** Everything in it. */
  list(): Promise<readonly FolderItem[]>;
  /** One of them, as it is now. */
  read(name: string): Promise<FolderItem | undefined>;
  /** Resolves when something may have changed since the last call; asked by one caller at a time. */
  nextChange(): Promise<void>;
  /** Hashes one of them. */
  digest(item: FolderItem, options: { readonly signal?: AbortSignal }): Promise<Artifact>;
}

export interface WatchFolderDeps {
  readonly recorder: Pick<Recorder, "record">;
  readonly folder: WatchedFolder;
  readonly clock: Clock;
  readonly files: FileLayer;
  /** Where the state of all watches is kept. */
  readonly stateFolder: string;
  /** What was measured at those steps. @default nothing */
  readonly readMetrics?: (steps: ReadonlySet<string>) => Promise<MetricsBySteps>;
  /** Told of everything as it happens. */
  readonly onNews: (news: WatchNews) => void;
}

export interface WatchFolderOptions {
  readonly runId: string;
  readonly modelId?: string | undefined;
  /** Reads names instead of the common schemes. */
  readonly pattern?: NamePattern | undefined;
  /** The step of a name that tells only its epoch is epoch × this. */
  readonly stepsPerEpoch?: number | undefined;
  /** What is recorded. @default everything */
  readonly policy?: RecordingPolicySpec | undefined;
  /** How long an item must stay as it is before it counts as complete. @default 5000 */
  readonly settleMs?: number | undefined;
  /** A look at least this often, whether or not the system tells of changes. @default 10000 */
  readonly rescanMs?: number | undefined;
  /** End once everything that is there now was dealt with. @default false */
  readonly isOnce?: boolean | undefined;
  /** Ends the watch in order. */
  readonly signal: AbortSignal;
}

/** A look at a large folder takes time: at least this many times as long lies between two. */
const LOOK_SHARE = 20;

/**
 * Records the training checkpoints of one run as they appear in a folder: each file, or folder of shards, once it is complete, in order
 * of step, then time. What was recorded is remembered durably, so that a restart records nothing twice and catches up on what appeared
 * meanwhile. Ends when the signal aborts; with a policy the newest item is recorded then, as the last of a run always is.
 *
 * @throws {PotError} where the log or the state cannot be written, or another process watches the folder for this run
 */
export async function watchFolder(
  { recorder, folder, clock, files, stateFolder, onNews, readMetrics = nothingMeasured }: WatchFolderDeps,
  options: WatchFolderOptions,
): Promise<WatchSummary> {
  const { runId, settleMs = 5_000, rescanMs = 10_000, isOnce = false, signal } = options;
  const policy = options.policy === undefined
    ? undefined
    : createRecordingPolicy<PolicyEvent>(options.policy);
  const tally = createWatchTally(onNews);
  const items = createWatchItems({
    recorder,
    clock,
    tally,
    readMetrics,
    read: (name) => folder.read(name),
    digest: (item, digestOptions) => folder.digest(item, digestOptions),
  }, { ...options, policy });
  using state = await openWatchState({
    files,
    stateFolder,
    runId,
    folder: folder.path,
    onLine: (line) => items.replay(line),
  });
  const settling = createSettling({ settleMs });
  const waitForNext = createWait({ clock, folder, gapMs: Math.min(1_000, Math.max(50, settleMs / 4)) });
  let canList = true;

  /** Everything in the folder; `undefined` while it cannot be read, as a share that is away for a while. */
  async function list(): Promise<readonly FolderItem[] | undefined> {
    try {
      const listed = await folder.list();
      if (!canList) tally.notice("the folder can be read again");
      canList = true;
      return listed;
    } catch (error) {
      if (isOnce || !(error instanceof Error)) throw error;
      if (canList) tally.notice(`the folder cannot be read now, will try on: ${error.message}`);
      canList = false;
      return undefined;
    }
  }

  try {
    await items.resume(state, { signal });
    let firstLookMs: number | undefined;
    while (!signal.aborted) {
      const lookMs = clock.now();
      firstLookMs ??= lookMs;
      const listed = await list();
      const { ready, waiting, nextAtMs } = listed === undefined
        ? { ready: [], waiting: [], nextAtMs: undefined }
        : settling.look(listed, { nowMs: lookMs, isWanted: (item) => items.isWanted(item) });
      const lookedMs = clock.now();
      tally.waiting(waiting);
      await items.recordAll(ready, { signal });
      // One look finds what is there, one after the settling time what of it is complete.
      if (isOnce && (lookMs - firstLookMs >= settleMs || nextAtMs === undefined)) break;
      const rescanAtMs = lookedMs + Math.max(rescanMs, (lookedMs - lookMs) * LOOK_SHARE);
      const wakeAtMs = isOnce ? firstLookMs + settleMs : Math.min(nextAtMs ?? Infinity, rescanAtMs);
      await waitForNext(Math.max(0, wakeAtMs - clock.now()), { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await items.recordLast();
  return tally.summary();
}

interface WaitDeps {
  readonly clock: Clock;
  readonly folder: Pick<WatchedFolder, "nextChange">;
  /** Pause after a change, as many come at once. */
  readonly gapMs: number;
}

/** Waits for a change, but no longer than it is told. */
function createWait({ clock, folder, gapMs }: WaitDeps) {
  let change: Promise<void> | undefined;
  return async (atMostMs: number, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    change ??= folder.nextChange().then(() => {
      change = undefined;
    });
    try {
      await Promise.race([
        clock.sleep(atMostMs, stop),
        change.then(() => clock.sleep(gapMs, stop)),
      ]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      stop.abort();
    }
  };
}

function nothingMeasured(): Promise<MetricsBySteps> {
  return Promise.resolve(new Map());
}
