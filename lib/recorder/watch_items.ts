import { type CheckpointName, readCheckpointName } from "../core/checkpoint_name.ts";
import type { Clock } from "../core/clock.ts";
import { PotError } from "../core/errors.ts";
import type { NamePattern } from "../core/name_pattern.ts";
import { parseEvent } from "../core/parse_event.ts";
import type { Artifact, MetricValue, RecordEvent } from "../core/record.ts";
import type { PolicyDecision, PolicyEvent, RecordingPolicy } from "../core/recording_policy.ts";
import type { FolderItem } from "../io/folder_items.ts";
import type { Recorder } from "./recorder.ts";
import type { PlannedLine, SeenItem, WatchLine, WatchState } from "./watch_state.ts";
import type { WatchTally } from "./watch_tally.ts";

/** What was measured at some steps, by step as text. */
export type MetricsBySteps = ReadonlyMap<string, Readonly<Record<string, MetricValue>>>;

export interface WatchItemsDeps {
  readonly recorder: Pick<Recorder, "record">;
  /** One item as it is now. */
  readonly read: (name: string) => Promise<FolderItem | undefined>;
  /** Hashes one item. */
  readonly digest: (item: FolderItem, options: { readonly signal?: AbortSignal }) => Promise<Artifact>;
  readonly readMetrics: (steps: ReadonlySet<string>) => Promise<MetricsBySteps>;
  readonly clock: Pick<Clock, "now">;
  readonly tally: WatchTally;
}

export interface WatchItemsOptions {
  readonly runId: string;
  readonly modelId?: string | undefined;
  readonly pattern?: NamePattern | undefined;
  readonly stepsPerEpoch?: number | undefined;
  readonly policy: RecordingPolicy<PolicyEvent> | undefined;
}

/** Deals with the items of a watched folder, one by one. */
export interface WatchItems {
  /** Takes in what an earlier watch did, oldest first, before anything else. */
  replay(line: WatchLine): void;
  /** Goes on with that state: completes what a crash left open. */
  resume(state: WatchState, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Whether it is something to record that was not dealt with as it is. */
  isWanted(item: FolderItem): boolean;
  /** Records, or skips, all of them: in order of step, then time. */
  recordAll(items: readonly FolderItem[], options: { readonly signal: AbortSignal }): Promise<void>;
  /** Records the newest item where the policy skipped it. */
  recordLast(): Promise<void>;
}

/** A failed item is tried again after this long, as hashing it may cost much. */
const RETRY_MS = 60_000;
const LAST = "last";

export function createWatchItems(deps: WatchItemsDeps, options: WatchItemsOptions): WatchItems {
  const { recorder, clock, tally } = deps;
  const { policy } = options;
  let state: WatchState;
  /** The newest item, where the policy skipped it. */
  let lastSkipped: string | undefined;
  /** An item that was due and vanished: the next one is recorded in its place. */
  let vanished: string | undefined;
  /** Due items that could not be hashed yet: the policy has counted them already. */
  const due = new Map<string, PolicyDecision>();
  const retryAtMs = new Map<string, number>();

  function readName(name: string): CheckpointName | undefined {
    const read = options.pattern === undefined ? readCheckpointName(name) : options.pattern(name);
    if (read?.step !== undefined || read?.epoch === undefined || options.stepsPerEpoch === undefined) {
      return read;
    }
    const step = read.epoch * options.stepsPerEpoch;
    return Number.isSafeInteger(step) ? { ...read, step } : read;
  }

  function decide(event: PolicyEvent): PolicyDecision {
    const decision = policy?.decide(event) ?? { record: true, reasons: [] };
    if (decision.record || vanished === undefined) return decision;
    return { record: true, reasons: [`in place of ${vanished}, which is gone`] };
  }

  /** Its digest, or `undefined` where there is none to be had now: then it was told, and is looked at again where that may help. */
  async function digest(
    item: FolderItem,
    digestOptions: { signal?: AbortSignal },
  ): Promise<Artifact | undefined> {
    const { name } = item;
    let artifact: Artifact | undefined;
    let failure: unknown;
    try {
      artifact = await deps.digest(item, digestOptions);
    } catch (error) {
      digestOptions.signal?.throwIfAborted();
      failure = error;
    }
    const now = await deps.read(name);
    if (now === undefined) {
      tally.failed(name, "it was deleted before it was hashed");
      if (due.delete(name)) vanished = name;
      return undefined;
    }
    // Written again since it looked complete: it has to settle once more.
    if (now.identity !== item.identity || now.fingerprint !== item.fingerprint) return undefined;
    if (artifact !== undefined) return artifact;
    fail(name, failure);
    return undefined;
  }

  function fail(name: string, error: unknown): void {
    if (!(error instanceof Error)) throw error;
    const reason = error instanceof PotError
      ? [error.message, ...error.facts.filter((fact) => fact.startsWith("reason: ")), error.hint ?? ""]
        .filter((part) => part !== "").join("; ")
      : error.message;
    tally.failed(name, reason);
    retryAtMs.set(name, clock.now() + RETRY_MS);
  }

  function eventOf(item: FolderItem, artifact: Artifact, judged: PolicyEvent): RecordEvent {
    const time = new Date(item.modifiedMs);
    const year = time.getUTCFullYear();
    return parseEvent({
      kind: "checkpoint",
      runId: options.runId,
      ...(options.modelId === undefined ? {} : { modelId: options.modelId }),
      ...judged,
      artifact,
      // The record may be written much later, as after a restart. Years that RFC 3339 cannot write are a broken clock's.
      ...(year >= 0 && year <= 9_999 ? { occurredAt: time.toISOString() } : {}),
    });
  }

  async function submit(
    { item: { name }, event, reasons }: PlannedLine,
    signal?: AbortSignal,
  ): Promise<void> {
    const result = await recorder.record(event, signal === undefined ? {} : { signal });
    await state.add({ type: "recorded", name, id: result.id });
    tally.recorded({ name, step: event.step!, ...result, reasons });
  }

  /** Plans and records an item that was hashed. */
  async function record(
    item: FolderItem,
    { artifact, judged, reasons, signal }: {
      readonly artifact: Artifact;
      readonly judged: PolicyEvent;
      readonly reasons: readonly string[];
      readonly signal?: AbortSignal;
    },
  ): Promise<void> {
    let planned: PlannedLine;
    try {
      planned = { type: "planned", item: seenItem(item), event: eventOf(item, artifact, judged), reasons };
    } catch (error) {
      return fail(item.name, error);
    }
    await state.add(planned);
    lastSkipped = undefined;
    vanished = undefined;
    due.delete(item.name);
    await submit(planned, signal);
  }

  async function recordOne(item: FolderItem, judged: PolicyEvent, signal: AbortSignal): Promise<void> {
    const { name } = item;
    const known = state.known(name)?.digest;
    let artifact: Artifact | undefined;
    if (known !== undefined) {
      // Touched or copied is nothing new to decide about; only other bytes are.
      artifact = await digest(item, { signal });
      if (artifact === undefined) return;
      if (artifact.digest === known) {
        await state.add({ type: "same", item: seenItem(item), digest: known });
        return tally.unchanged(name);
      }
    }
    const decision = due.get(name) ?? decide(judged);
    if (!decision.record) {
      await state.add({ type: "skipped", item: seenItem(item), event: judged });
      lastSkipped = name;
      return tally.skipped(name, decision.reasons);
    }
    due.set(name, decision);
    artifact ??= await digest(item, { signal });
    if (artifact !== undefined) await record(item, { artifact, judged, reasons: decision.reasons, signal });
  }

  return {
    replay(line) {
      // The policy has to have seen what it saw then; what it would say of it today is of no account.
      if (line.type === "skipped" || line.type === "planned" && !line.reasons.includes(LAST)) {
        policy?.decide(line.event);
      }
      if (line.type === "skipped") lastSkipped = line.item.name;
      if (line.type === "planned") lastSkipped = undefined;
    },
    async resume(opened, { signal }) {
      state = opened;
      for (const planned of state.unfinished) await submit(planned, signal);
    },
    isWanted(item) {
      const { name, kind } = item;
      if (kind === "link") return ignore(tally, name, "it is a link");
      if (kind === "other") return ignore(tally, name, "it is neither a file nor a folder");
      if (state.known(name)?.fingerprint === item.fingerprint) return false;
      if (name.length > 255 || !name.isWellFormed() || /\p{Cc}/u.test(name)) {
        return ignore(tally, name, "its name has characters that a record cannot hold");
      }
      const read = readName(name);
      if (read === undefined) return ignore(tally, name, "its name does not have the form of the pattern");
      if (read.step !== undefined) return true;
      return read.epoch === undefined
        ? ignore(
          tally,
          name,
          "its name tells no step",
          'tell where it stands, such as --pattern "ckpt-{step}.pt"',
        )
        : ignore(
          tally,
          name,
          "its name tells an epoch but no step",
          "give --steps-per-epoch, or name the step too",
        );
    },
    async recordAll(items, { signal }) {
      const nowMs = clock.now();
      const named = items.filter(({ name }) => (retryAtMs.get(name) ?? -Infinity) <= nowMs)
        .map((item) => ({ item, read: readName(item.name)! }))
        .sort((a, b) => compare(a, b));
      if (named.length === 0) return;
      const metrics = await deps.readMetrics(new Set(named.map(({ read }) => String(read.step))));
      for (const { item, read } of named) {
        signal.throwIfAborted();
        await recordOne(item, judgedBy(read, metrics), signal);
      }
    },
    async recordLast() {
      const name = lastSkipped;
      if (name === undefined) return;
      const item = await deps.read(name);
      const read = readName(name);
      if (item === undefined || item.incomplete !== undefined || read?.step === undefined) {
        const why = item === undefined ? "it was deleted" : item.incomplete ?? "its name tells no step";
        return tally.failed(name, `it could not be recorded as the last one: ${why}`);
      }
      // Without a signal: this is what there is to do when everything else was told to stop.
      const artifact = await digest(item, {});
      if (artifact === undefined) return;
      const judged = judgedBy(read, await deps.readMetrics(new Set([String(read.step)])));
      await record(item, { artifact, judged, reasons: [LAST] });
    },
  };
}

function judgedBy({ step, epoch }: CheckpointName, metrics: MetricsBySteps): PolicyEvent {
  const measured = metrics.get(String(step));
  return {
    step: step!,
    ...(epoch === undefined ? {} : { epoch }),
    ...(measured === undefined ? {} : { metrics: measured }),
  };
}

interface NamedItem {
  readonly item: FolderItem;
  readonly read: CheckpointName;
}

function compare(a: NamedItem, b: NamedItem): number {
  const steps = BigInt(a.read.step!) - BigInt(b.read.step!);
  if (steps !== 0n) return steps < 0n ? -1 : 1;
  return a.item.modifiedMs - b.item.modifiedMs || (a.item.name < b.item.name ? -1 : 1);
}

function seenItem({ name, fingerprint, sizeBytes, modifiedMs }: FolderItem): SeenItem {
  return { name, fingerprint, sizeBytes, modifiedMs };
}

function ignore(tally: WatchTally, name: string, because: string, hint?: string): false {
  tally.ignored(name, because, hint);
  return false;
}
