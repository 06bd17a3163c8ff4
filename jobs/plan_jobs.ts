import { type CronSchedule, parseCron } from "../lib/core/cron.ts";
import { UsageError } from "../lib/core/errors.ts";
import type { JobsConfig } from "../lib/runtime/sections/jobs_section.ts";
import type { Job } from "./job.ts";
import type { JobClaim, JobRun } from "./job_state.ts";
import type { Scheduled } from "./scheduler.ts";

/** A job as this installation runs it. */
export interface PlannedJob extends Scheduled {
  readonly job: Job;
  readonly timeoutMs: number;
  /** False: it never runs by itself. */
  readonly isEnabled: boolean;
}

/**
 * Puts the configuration over the jobs' own data.
 *
 * @throws {UsageError} for a job that there is none of, or a schedule that is none, with every name
 */
export function planJobs(jobs: readonly Job[], config: JobsConfig): readonly PlannedJob[] {
  const names = jobs.map(({ name }) => name);
  const mistakes = Object.keys(config).filter((name) => !names.includes(name)).map((name) =>
    `jobs.${name.slice(0, 80)} in pot.jsonc is no job (there are: ${names.join(", ")})`
  );
  const planned = jobs.flatMap((job) => {
    const { schedule: text = job.schedule, isEnabled = true, timeoutMs = job.timeoutMs } = config[job.name] ??
      {};
    const schedule = scheduleOf(job.name, text, mistakes);
    return schedule === undefined ? [] : [{ name: job.name, job, schedule, timeoutMs, isEnabled }];
  });
  if (mistakes.length === 0) return planned;
  throw new UsageError("Cannot plan the jobs as the configuration is wrong", {
    facts: mistakes,
    hint: "correct the section jobs of pot.jsonc; docs/operations.md shows what it takes",
  });
}

function scheduleOf(name: string, text: string, mistakes: string[]): CronSchedule | undefined {
  const parsed = parseCron(text);
  if (parsed.ok) return parsed.schedule;
  mistakes.push(
    `jobs.${name}.schedule ${JSON.stringify(text.slice(0, 80))} is no schedule: ${parsed.reason}`,
  );
}

/** What is kept of a run that is over. */
export function finishedRun(
  { schedule, isEnabled }: Pick<PlannedJob, "schedule" | "isEnabled">,
  { renewedAtMs: _, ...claim }: JobClaim,
  end: Pick<JobRun, "outcome" | "summary" | "error" | "endedAtMs">,
): JobRun {
  return { ...claim, ...end, ...(isEnabled && { nextDueMs: schedule.next(end.endedAtMs) }) };
}
