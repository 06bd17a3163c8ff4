import type { Alerts, Seen } from "../lib/alerts/alerts.ts";
import type { Clock } from "../lib/core/clock.ts";
import { type Redact, redactText } from "../lib/core/redact.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import { errorLine } from "./error_line.ts";
import { atMost, slept } from "./execute_job.ts";
import { createJobRunner } from "./create_job_runner.ts";
import type { DrainOptions } from "./job_runner.ts";
import type { JobHolder } from "./job_state.ts";
import type { PlannedJob } from "./plan_jobs.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a daemon that is in charge works with. */
export interface RunJobsOptions {
  readonly jobs: readonly PlannedJob[];
  readonly state: StateStore;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** This process. */
  readonly holder: JobHolder;
  /** Takes what is seen, and sends what it leads to. @default nobody */
  readonly alerts?: Pick<Alerts, "observe" | "deliver"> | undefined;
  /** Writes one line. */
  readonly log: (line: string) => void;
  /** @default URLs only */
  readonly redact?: Redact | undefined;
  /** How long the end may take. @default 15 s for runs to end by themselves, 5 s more for them to heed their signal */
  readonly drain?: DrainOptions | undefined;
}

/** When another daemon may be in charge, nothing waits. */
const LOST: DrainOptions = { waitMs: 0, abortMs: 5_000 };
const IN_ORDER: DrainOptions = { waitMs: 15_000, abortMs: 5_000 };

const TICK_MS = 15_000;
const DELIVER_MS = 5_000;
const FLUSH_MS = 5_000;

/**
 * Runs jobs on their schedules, and sends alerts, until `leading` aborts; then ends in order: no new runs, those under way
 * get a while and are then aborted, alerts go out as far as they can. Where `signal` did not abort, another daemon may be in
 * charge: then what is under way is aborted at once, and nothing is sent.
 */
export async function runJobs(
  { jobs, state, scheduler, clock, holder, alerts, log, redact = redactText, drain = IN_ORDER }:
    RunJobsOptions,
  { leading, signal }: { readonly leading: AbortSignal; readonly signal: AbortSignal },
): Promise<void> {
  const failed = new AbortController();
  const ended = AbortSignal.any([leading, failed.signal]);
  const onSeen = (seen: Seen) => alerts?.observe(seen) ?? Promise.resolve();
  const runner = createJobRunner({ jobs, state, clock, holder, log, onSeen, redact });
  const loops = [
    every(TICK_MS, { clock, signal: ended, work: () => runner.tick() }),
    ...(alerts === undefined ? [] : [keepSending(alerts, { clock, log, redact, signal: ended })]),
  ];
  try {
    // What is due since before this start.
    await runner.tick({ due: "all" });
    await scheduler.start(jobs.filter(({ isEnabled }) => isEnabled), {
      signal: ended,
      onDue: (name) => runner.tick({ due: name }),
    });
  } finally {
    failed.abort();
    if (signal.aborted) log("ending: no new runs; what is under way may finish first");
    await runner.drain(signal.aborted ? drain : LOST);
    await atMost(Promise.all(loops), { ms: FLUSH_MS, clock });
    if (signal.aborted && alerts !== undefined) await flush(alerts, { clock, log, redact });
  }
}

interface SendingOptions extends Required<Pick<RunJobsOptions, "clock" | "log">> {
  readonly redact: Redact;
}

/** Notices what stays away, and sends what is due, for as long as the daemon is in charge. */
async function keepSending(
  alerts: Pick<Alerts, "observe" | "deliver">,
  { clock, log, redact, signal }: SendingOptions & { readonly signal: AbortSignal },
): Promise<void> {
  let trouble: string | undefined;
  await every(DELIVER_MS, {
    clock,
    signal,
    async work() {
      try {
        await alerts.observe({}, { signal });
        await alerts.deliver({ signal });
        trouble = undefined;
      } catch (error) {
        if (signal.aborted) return;
        const line = errorLine(error, redact);
        // Once, not every few seconds of an outage.
        if (line !== trouble) log(`alerts: ${line}`);
        trouble = line;
      }
    },
  });
}

/** One last round, as far as it goes. */
async function flush(
  alerts: Pick<Alerts, "deliver">,
  { clock, log, redact }: SendingOptions,
): Promise<void> {
  const limit = new AbortController();
  const over = new AbortController();
  slept(clock, FLUSH_MS, over.signal).then((isOver) =>
    isOver && limit.abort(new DOMException("The daemon ends", "AbortError"))
  );
  try {
    await alerts.deliver({ signal: limit.signal });
  } catch (error) {
    log(`alerts: what is left is sent at the next start: ${errorLine(error, redact)}`);
  } finally {
    over.abort();
  }
}

/** Works again and again, with that pause between; `work` never rejects. */
async function every(
  ms: number,
  { clock, signal, work }: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly work: () => Promise<void>;
  },
): Promise<void> {
  while (await slept(clock, ms, signal)) await work();
}
