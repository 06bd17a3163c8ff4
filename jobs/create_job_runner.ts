import type { Seen } from "../lib/alerts/alerts.ts";
import type { Observation, Occurrence } from "../lib/core/observation.ts";
import { redactText } from "../lib/core/redact.ts";
import { StateConflictError } from "../lib/io/state_conflict_error.ts";
import { decideRun } from "./decide_run.ts";
import { errorLine } from "./error_line.ts";
import { atMost, executeJob, type Execution } from "./execute_job.ts";
import { jobIsRunning, unknownJob } from "./job_errors.ts";
import { createJobRecords, type JobRecord } from "./job_records.ts";
import type { DrainOptions, FinishedRun, JobRunner, JobRunnerOptions, TickOptions } from "./job_runner.ts";
import { type JobClaim, type JobRun, newJobState, withRun } from "./job_state.ts";
import { findOverrun, jobOccurrence, missedRuns, observeJob } from "./observe_job.ts";
import { finishedRun, type PlannedJob } from "./plan_jobs.ts";
import { createTeller } from "./tell_seen.ts";
import { watchClaims } from "./watch_claims.ts";

/** Makes the runner of these jobs. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { jobs, clock, holder, log, redact = redactText, makeId = () => crypto.randomUUID() } = options;
  const records = createJobRecords(options.state);
  const teller = createTeller(options.onSeen ?? (() => Promise.resolve()), { clock, log, redact });
  const executions = new Map<string, Execution>();
  /** Runs that are over, and whose record could not be written yet. */
  const unsaved = new Map<string, { readonly execution: Execution; readonly run: JobRun }>();
  const settling = new Set<Promise<unknown>>();
  /** Claims of which it is not known whether they were written. */
  const doubtful = new Map<string, string>();
  const claims = watchClaims(holder);
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
    } catch (error) {
      if (!(error instanceof StateConflictError)) {
        const reason = errorLine(error, redact);
        // Once, not at every tick of an outage.
        if (troubles.get(name) !== reason) log(`${name}: cannot be started: ${reason}`);
        troubles.set(name, reason);
        observations.push({ check: "job", subject: name, status: "unknown", reason, atMs: clock.now() });
      }
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
      if (!claims.isDead(name, { ...record, claim }, nowMs)) {
        return observeJob(planned, record.state, { nowMs });
      }
      record = await closeCrashed(planned, { ...record, claim }, occurrences);
    }
    claims.forget(name);
    const decision = decideRun(record.state, { schedule, nowMs, isAsked });
    if (decision.kind === "adjust") {
      log(`${name}: ${decision.because}`);
      record = await records.write(name, decision.state, record.version);
    }
    if (decision.kind !== "run" || isDraining) return observeJob(planned, record.state, { nowMs });
    await claimAndBegin(planned, record, decision);
    const isMissed = decision.missedCount > 0 && !decision.isAfterOverrun;
    if (isMissed) {
      const occurrence = missedRuns(name, decision, nowMs);
      log(`${name}: ${occurrence.detail}; caught up now`);
      occurrences.push(occurrence);
    }
    return observeJob(planned, record.state, { nowMs, isMissed });
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
    troubles.delete(name);
    claims.forget(name);
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
      await records.write(name, withRun(state, run), version);
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
    if (claim !== undefined) {
      if (!claims.isDead(name, { ...record, claim }, nowMs)) throw jobIsRunning(name, claim);
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
