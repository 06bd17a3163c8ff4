import type { Seen } from "../lib/alerts/alerts.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { Observation, Occurrence } from "../lib/core/observation.ts";
import { type Redact, redactText } from "../lib/core/redact.ts";
import { StateConflictError } from "../lib/io/state_conflict_error.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import { decideRun, isClaimDead, type RunDecision } from "./decide_run.ts";
import { errorLine } from "./error_line.ts";
import { atMost, executeJob, type Execution } from "./execute_job.ts";
import type { JobResult } from "./job.ts";
import { jobIsRunning, unknownJob } from "./job_errors.ts";
import { createJobRecords, type JobRecord } from "./job_records.ts";
import { type JobClaim, type JobHolder, type JobRun, newJobState, withRun } from "./job_state.ts";
import { findOverrun, jobOccurrence, observeJob } from "./observe_job.ts";
import { finishedRun, type PlannedJob } from "./plan_jobs.ts";
import { createTeller } from "./tell_seen.ts";

/**
 * Runs jobs when they are due, each at most once at a time, whoever else runs them: before a run it is claimed in the
 * state store, after it its record is kept there. What was due while nobody was there is caught up once.
 */
export interface JobRunner {
  /**
   * Starts what is due, and notices what was missed, overran or died; resolves when that is begun, not when it is over. Of a job that
   * is not named the scheduler is given half a minute to call. Never rejects.
   */
  tick(options?: TickOptions): Promise<void>;
  /**
   * Runs a job now, whatever its schedule, with the same claim and record; resolves when it is over, whatever became of it.
   *
   * @throws {PotError} when it is running already, here or elsewhere
   * @throws {UsageError} when there is no such job
   */
  runNow(name: string, options: { readonly signal: AbortSignal }): Promise<FinishedRun>;
  /** Starts nothing more; waits for what is under way, then aborts it, then leaves it behind. Answers with what it left behind. */
  drain(options: DrainOptions): Promise<readonly string[]>;
}

export interface TickOptions {
  /** Whose time has come, as far as the scheduler says; `all` at a daemon's start. @default nobody's */
  readonly due?: string | "all";
}

/** How long the end may take. */
export interface DrainOptions {
  /** For runs to end by themselves. */
  readonly waitMs: number;
  /** For them to heed their signal, after that. */
  readonly abortMs: number;
}

/** What one run came to. */
export interface FinishedRun {
  readonly run: JobRun;
  /** Absent unless it went well. */
  readonly result?: JobResult;
}

export interface JobRunnerOptions {
  readonly jobs: readonly PlannedJob[];
  readonly state: StateStore;
  readonly clock: Clock;
  /** This process. */
  readonly holder: JobHolder;
  /** Writes one line. */
  readonly log: (line: string) => void;
  /** Takes what jobs saw, and how they do. A rejection is tried again with the next. @default nobody */
  readonly onSeen?: (seen: Seen) => Promise<void>;
  /** @default URLs only */
  readonly redact?: Redact;
  /** @default random UUIDs */
  readonly makeId?: () => string;
}

/** Makes the runner of these jobs. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { jobs, clock, holder, log, redact = redactText, makeId = () => crypto.randomUUID() } = options;
  const records = createJobRecords(options.state);
  const teller = createTeller(options.onSeen ?? (() => Promise.resolve()), { log, redact });
  const executions = new Map<string, Execution>();
  /** Runs that are over, and whose record could not be written yet. */
  const unsaved = new Map<string, { readonly execution: Execution; readonly run: JobRun }>();
  const settling = new Set<Promise<unknown>>();
  /** Claims of which it is not known whether they were written. */
  const doubtful = new Map<string, string>();
  /** Since when a claim of another process looks as it does. */
  const sights = new Map<string, { readonly version: string; readonly sinceMs: number }>();
  const told = new Set<string>();
  const troubles = new Map<string, string>();
  let asked = new Set<string>();
  let ticking: Promise<void> | undefined;
  let isAskedAgain = false;
  let isDraining = false;

  function tick({ due }: TickOptions = {}): Promise<void> {
    for (const { name } of jobs) if (due === "all" || due === name) asked.add(name);
    isAskedAgain = true;
    return ticking ??= lookAtAll();
  }

  async function lookAtAll(): Promise<void> {
    do {
      isAskedAgain = false;
      const named = asked;
      asked = new Set();
      const seen = await Promise.all(jobs.map((planned) => look(planned, named.has(planned.name))));
      await teller.tell({
        observations: seen.flatMap(({ observations }) => observations),
        occurrences: seen.flatMap(({ occurrences }) => occurrences),
      });
    } while (isAskedAgain);
    // In the same breath as the last look at the flag, so that nobody asks in between.
    ticking = undefined;
  }

  async function read(name: string, nowMs: number): Promise<JobRecord> {
    return await records.read(name) ?? await records.write(name, newJobState(nowMs), undefined);
  }

  async function look(planned: PlannedJob, isAsked: boolean): Promise<Required<Seen>> {
    const { name } = planned;
    const observations: Observation[] = [];
    const occurrences: Occurrence[] = [];
    try {
      const observation = await lookAt(planned, isAsked, occurrences);
      if (observation !== undefined) observations.push(observation);
      troubles.delete(name);
    } catch (error) {
      if (!(error instanceof StateConflictError)) {
        const reason = errorLine(error, redact);
        // Once, not at every tick of an outage.
        if (troubles.get(name) !== reason) log(`${name}: cannot be started: ${reason}`);
        troubles.set(name, reason);
        observations.push({ check: "job", subject: name, status: "unknown", reason, atMs: clock.now() });
      }
      if (isAsked) asked.add(name);
    }
    return { observations, occurrences };
  }

  async function lookAt(
    planned: PlannedJob,
    isAsked: boolean,
    occurrences: Occurrence[],
  ): Promise<Observation | undefined> {
    const { name, schedule } = planned;
    const execution = executions.get(name);
    if (execution !== undefined) return lookAtExecution(execution, occurrences);
    const left = unsaved.get(name);
    if (left !== undefined) await save(left.execution, left.run);
    const nowMs = clock.now();
    let record = await read(name, nowMs);
    if (!planned.isEnabled) {
      if (!record.state.isOff) await records.write(name, { ...record.state, isOff: true }, record.version);
      return undefined;
    }
    const { claim } = record.state;
    if (claim !== undefined) {
      if (claim.attemptId === doubtful.get(name)) {
        begin(planned, { ...record, claim });
        return observeJob(planned, record.state, { nowMs });
      }
      if (!isDead(name, { ...record, claim }, nowMs)) return observeJob(planned, record.state, { nowMs });
      record = await closeCrashed(planned, { ...record, claim }, occurrences);
    }
    sights.delete(name);
    const decision = decideRun(record.state, { schedule, nowMs, isAsked });
    if (decision.kind === "adjust") {
      log(`${name}: ${decision.because}`);
      record = await records.write(name, decision.state, record.version);
    }
    if (decision.kind !== "run" || isDraining) return observeJob(planned, record.state, { nowMs });
    const isMissed = decision.missedCount > 0 && !decision.isAfterOverrun;
    if (isMissed) occurrences.push(missed(planned, decision, nowMs));
    await claimAndBegin(planned, record, decision);
    return observeJob(planned, record.state, { nowMs, isMissed });
  }

  function missed({ name }: PlannedJob, { dueAtMs, missedCount }: RunDecision, atMs: number): Occurrence {
    const due = new Date(dueAtMs).toISOString();
    const detail = `${missedCount === 1 ? "one run was" : `${missedCount} runs were`} missed up to ${due}`;
    log(`${name}: ${detail}; caught up now`);
    return jobOccurrence("job-missed", { name, key: due, detail, atMs });
  }

  /** A run that takes longer than it may is told of once of each kind, and never doubled. */
  function lookAtExecution({ planned, claim, record }: Execution, occurrences: Occurrence[]): Observation {
    const { name } = planned;
    const nowMs = clock.now();
    const overrun = findOverrun(planned, claim, nowMs);
    if (overrun === undefined) return observeJob(planned, record().state, { nowMs });
    const key = `${claim.attemptId}:${overrun.isOverTime}`;
    if (!told.has(key)) {
      log(`${name}: it ${overrun.reason}`);
      occurrences.push(
        jobOccurrence("job-overrun", { name, key, detail: `it ${overrun.reason}`, atMs: nowMs }),
      );
    }
    told.add(key);
    return observeJob(planned, record().state, { nowMs, overrun });
  }

  function isDead(name: string, { version, claim }: JobRecord & { claim: JobClaim }, nowMs: number): boolean {
    const before = sights.get(name);
    const sight = before?.version === version ? before : { version, sinceMs: nowMs };
    sights.set(name, sight);
    return isClaimDead(claim, { nowMs, host: holder.host, unchangedMs: nowMs - sight.sinceMs });
  }

  async function closeCrashed(
    planned: PlannedJob,
    { state, version, claim }: JobRecord & { readonly claim: JobClaim },
    occurrences: Occurrence[],
  ): Promise<JobRecord> {
    const { name } = planned;
    const by = `${claim.holder.host} (process ${claim.holder.pid})`;
    const error = `the process that ran it is gone: ${by}`;
    const run = finishedRun(planned, claim, { outcome: "crashed", error, endedAtMs: claim.renewedAtMs });
    const record = await records.write(name, withRun(state, run), version);
    log(`${name}: crashed: ${error}`);
    const { attemptId: key } = claim;
    occurrences.push(jobOccurrence("job-crashed", { name, key, detail: error, atMs: clock.now() }));
    return record;
  }

  /** Claims the run, and starts it; where somebody was quicker, it is theirs. */
  async function claimAndBegin(
    planned: PlannedJob,
    { state, version }: JobRecord,
    decision: Pick<JobClaim, "trigger" | "missedCount" | "dueAtMs"> & { readonly attempts?: number },
  ): Promise<Execution> {
    const { name } = planned;
    const { trigger, missedCount, dueAtMs, attempts = state.attempts } = decision;
    const startedAtMs = clock.now();
    const claim: JobClaim = {
      attemptId: makeId(),
      trigger,
      missedCount,
      startedAtMs,
      renewedAtMs: startedAtMs,
      holder,
      ...(dueAtMs === undefined ? {} : { dueAtMs }),
    };
    const next = { ...state, ...(dueAtMs === undefined ? {} : { dueAtMs }), attempts, claim };
    doubtful.set(name, claim.attemptId);
    const claimed = await records.write(name, next, version);
    return begin(planned, { ...claimed, claim });
  }

  function begin(planned: PlannedJob, claimed: JobRecord & { readonly claim: JobClaim }): Execution {
    const { name } = planned;
    doubtful.delete(name);
    sights.delete(name);
    const execution = executeJob(planned, claimed, { records, clock, redact, log });
    executions.set(name, execution);
    if (isDraining) execution.stop("stopped");
    const settled = settle(execution).catch((error) => log(`${name}: ${errorLine(error, redact)}`));
    settling.add(settled);
    settled.finally(() => settling.delete(settled));
    return execution;
  }

  /** Hands over what the run saw, and keeps its record; in this order, so that nothing seen is lost with the process. */
  async function settle(execution: Execution): Promise<void> {
    const { planned, claim } = execution;
    const { name } = planned;
    const { result, ...end } = await execution.done;
    if (executions.get(name) !== execution) return;
    const run = finishedRun(planned, claim, { ...end, endedAtMs: clock.now() });
    // Whoever runs a job by hand is answered with it.
    if (claim.trigger !== "by hand") {
      log(`${name}: ${end.outcome === "ok" ? end.summary : `${end.outcome}: ${end.error}`}`);
    }
    await teller.tell({
      observations: [
        ...result?.observations ?? [],
        observeJob(planned, withRun(execution.record().state, run), { nowMs: clock.now() }),
      ],
      occurrences: result?.occurrences ?? [],
    });
    try {
      await save(execution, run);
    } catch (error) {
      unsaved.set(name, { execution, run });
      log(`${name}: its record cannot be kept yet: ${errorLine(error, redact)}`);
    }
    if (executions.get(name) === execution) executions.delete(name);
    const wasDueAgain = [true, false].filter((kind) => told.delete(`${claim.attemptId}:${kind}`)).length > 0;
    // Only where somebody ticks; whoever runs a job by hand starts no other.
    if (wasDueAgain) tick({ due: name });
  }

  async function save(execution: Execution, run: JobRun): Promise<void> {
    const { name } = execution.planned;
    const { state, version } = execution.record();
    try {
      if (!execution.isLost()) await records.write(name, withRun(state, run), version);
    } catch (error) {
      if (!(error instanceof StateConflictError)) throw error;
      // An answer that was lost on the way looks the same from here.
      const { state: found } = await records.read(name) ?? {};
      const isKept = found?.runs.some(({ attemptId }) => attemptId === run.attemptId) ?? false;
      if (!isKept) log(`${name}: another process took its run over`);
    }
    unsaved.delete(name);
  }

  async function runNow(name: string, { signal }: { readonly signal: AbortSignal }): Promise<FinishedRun> {
    const planned = jobs.find((one) => one.name === name);
    if (planned === undefined) throw unknownJob(name, jobs);
    const nowMs = clock.now();
    let record = await read(name, nowMs);
    const { claim } = record.state;
    if (executions.has(name)) throw jobIsRunning(name, claim);
    if (claim !== undefined) {
      if (!isDead(name, { ...record, claim }, nowMs)) throw jobIsRunning(name, claim);
      record = await closeCrashed(planned, { ...record, claim }, []);
    }
    signal.throwIfAborted();
    const byHand = { trigger: "by hand", missedCount: 0 } as const;
    const execution = await claimAndBegin(planned, record, byHand).catch(async (error) => {
      if (!(error instanceof StateConflictError)) throw error;
      throw jobIsRunning(name, (await records.read(name))?.state.claim);
    });
    const stop = () => execution.stop("stopped");
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const { result, ...end } = await execution.done;
    signal.removeEventListener("abort", stop);
    await Promise.all(settling);
    const run = finishedRun(planned, execution.claim, { ...end, endedAtMs: clock.now() });
    return { run, ...(result && { result }) };
  }

  async function drain({ waitMs, abortMs }: DrainOptions): Promise<readonly string[]> {
    isDraining = true;
    if (ticking !== undefined) await atMost(ticking, { ms: waitMs, clock });
    await within(waitMs);
    for (const execution of executions.values()) execution.stop("stopped");
    await within(abortMs);
    const left = [...executions];
    executions.clear();
    for (const [name, execution] of left) {
      execution.abandon();
      const error = "it did not end when it was told to";
      log(`${name}: left behind: ${error}`);
      const run = finishedRun(execution.planned, execution.claim, {
        outcome: "stopped",
        error,
        endedAtMs: clock.now(),
      });
      unsaved.set(name, { execution, run });
    }
    const saving = [...unsaved.values()].map(({ execution, run }) =>
      save(execution, run).catch((error) =>
        log(`${execution.planned.name}: its record cannot be kept: ${errorLine(error, redact)}`)
      )
    );
    await atMost(Promise.all(saving), { ms: abortMs, clock });
    return left.map(([name]) => name);
  }

  /** Until nothing is under way, at most so long. */
  async function within(ms: number): Promise<void> {
    if (settling.size > 0 && ms > 0) await atMost(Promise.all(settling), { ms, clock });
  }

  return { tick, runNow, drain };
}
