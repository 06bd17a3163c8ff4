import type { Seen } from "../../lib/alerts/alerts.ts";
import type { Clock } from "../../lib/core/clock.ts";
import type { Observation } from "../../lib/core/observation.ts";
import type { StateStore } from "../../lib/io/state_store.ts";
import type { JobsConfig } from "../../lib/runtime/sections/jobs_section.ts";
import type { Job } from "../../jobs/job.ts";
import { createJobRecords } from "../../jobs/job_records.ts";
import type { DrainOptions } from "../../jobs/job_runner.ts";
import type { JobHolder, JobRun } from "../../jobs/job_state.ts";
import { planJobs } from "../../jobs/plan_jobs.ts";
import { runJobs } from "../../jobs/run_jobs.ts";
import type { Scheduler } from "../../jobs/scheduler.ts";
import { createDrivenScheduler } from "./driven_scheduler.ts";

/** A Saturday, on the full hour. */
export const START = Date.parse("2026-01-31T12:00:00.000Z");

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** A job whose runs a test ends. */
export interface HeldJob {
  readonly job: Job;
  /** Begin of each run, in order. */
  readonly startedAtMs: number[];
  /** How many run now, and the most that ever did at once. */
  readonly running: { now: number; most: number };
  /** What the next runs do; by default they end well at once. */
  behave(behaviour: (signal: AbortSignal) => Promise<{ summary: string }>): void;
}

export function holdJob(
  clock: Pick<Clock, "now">,
  { name = "work", schedule = "*/10 * * * *", timeoutMs = 5 * MINUTE_MS }: Partial<Omit<Job, "run">> = {},
): HeldJob {
  let behaviour: Parameters<HeldJob["behave"]>[0] = () => Promise.resolve({ summary: "done" });
  const startedAtMs: number[] = [];
  const running = { now: 0, most: 0 };
  return {
    startedAtMs,
    running,
    behave: (next) => behaviour = next,
    job: {
      name,
      schedule,
      timeoutMs,
      async run(signal) {
        startedAtMs.push(clock.now());
        running.most = Math.max(running.most, ++running.now);
        try {
          return await behaviour(signal);
        } finally {
          running.now--;
        }
      },
    },
  };
}

/** Ends when its signal aborts, with that reason. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

/** Ends never, whatever its signal says. */
export function forEver(): Promise<never> {
  return new Promise(() => {});
}

/** A daemon's jobs, in charge from the start. */
export interface StartedJobs {
  readonly lines: string[];
  readonly observations: Observation[];
  readonly occurrences: NonNullable<Seen["occurrences"]>[number][];
  /** Ends them in order. */
  stop(): Promise<void>;
  /** The process is gone from one moment to the next: it neither sleeps, writes nor says anything any more. */
  kill(): void;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
}

export interface StartJobsOptions {
  readonly clock: Clock;
  readonly state: StateStore;
  readonly config?: JobsConfig;
  readonly holder?: JobHolder;
  readonly scheduler?: (clock: Clock) => Scheduler;
  readonly drain?: DrainOptions;
}

export function startJobs(jobs: readonly Job[], options: StartJobsOptions): StartedJobs {
  const { config = {}, holder = { host: "one", pid: 7 }, drain } = options;
  const { scheduler = (clock) => createDrivenScheduler({ clock }) } = options;
  let isGone = false;
  const alive = <T>(work: () => Promise<T>): Promise<T> => isGone ? forEver() : work();
  const clock: Clock = {
    now: options.clock.now,
    sleep: async (ms, more) => {
      await options.clock.sleep(ms, more);
      return isGone ? await forEver() : undefined;
    },
  };
  const state: StateStore = {
    read: (...args) => alive(() => options.state.read(...args)),
    write: (...args) => alive(() => options.state.write(...args)),
  };
  const lines: string[] = [];
  const observations: Observation[] = [];
  const occurrences: NonNullable<Seen["occurrences"]>[number][] = [];
  const stop = new AbortController();
  const ended = runJobs({
    jobs: planJobs(jobs, config),
    state,
    scheduler: scheduler(clock),
    clock,
    holder,
    alerts: {
      observe: (seen) =>
        alive(() => {
          observations.push(...seen.observations ?? []);
          occurrences.push(...seen.occurrences ?? []);
          return Promise.resolve();
        }),
      deliver: () => alive(() => Promise.resolve({ accepted: 0, waiting: 0, dead: 0 })),
    },
    log: (line) => void (isGone || lines.push(line)),
    ...(drain && { drain }),
  }, { leading: stop.signal, signal: stop.signal });
  return {
    lines,
    observations,
    occurrences,
    ended,
    async stop() {
      stop.abort();
      await ended;
    },
    kill: () => isGone = true,
  };
}

/** Finished runs of a job, oldest first. */
export async function runsOf(state: StateStore, name = "work"): Promise<readonly JobRun[]> {
  return (await createJobRecords(state).read(name))?.state.runs ?? [];
}
