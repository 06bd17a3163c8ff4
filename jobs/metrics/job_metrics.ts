import {
  byLabel,
  counter,
  family,
  gauge,
  type Metric,
  type MetricFamily,
} from "../../lib/core/metrics/metric.ts";
import type { JobOutcome } from "../job_state.ts";
import type { JobListing } from "../list_jobs.ts";

/** Not `job`: that label is the scrape's own. */
const LABELS = ["job_name"];
const ENABLED = gauge("pot_job_enabled", "0 where the configuration switched it off.", { labels: LABELS });
const RUNNING = gauge("pot_job_running", "1 while it runs.", { labels: LABELS });
const LAST_SUCCESS = gauge("pot_job_last_success_timestamp_seconds", "When it last went well, Unix time.", {
  unit: "seconds",
  labels: LABELS,
});
const LAST_RUN = gauge("pot_job_last_run_timestamp_seconds", "When its last run ended, Unix time.", {
  unit: "seconds",
  labels: LABELS,
});
const DURATION = gauge("pot_job_last_duration_seconds", "How long its last run took.", {
  unit: "seconds",
  labels: LABELS,
});
const RUNS = counter("pot_job_runs", "Runs that are over, by what became of them.", {
  labels: ["job_name", "outcome"],
});
const FAILURES = gauge("pot_job_failures", "Runs in a row that went wrong.", { labels: LABELS });
const NEXT_DUE = gauge("pot_job_next_due_timestamp_seconds", "When it is due next, Unix time.", {
  unit: "seconds",
  labels: LABELS,
});

/** Scheduled work. */
export const JOB_METRICS: readonly Metric[] = [
  ENABLED,
  RUNNING,
  LAST_SUCCESS,
  LAST_RUN,
  DURATION,
  RUNS,
  FAILURES,
  NEXT_DUE,
];

const OUTCOMES: readonly JobOutcome[] = ["ok", "failed", "timed out", "stopped", "crashed"];

/** Reads them off what is kept of each job. */
export function jobFamilies(jobs: readonly JobListing[]): readonly MetricFamily[] {
  const each = (value: (job: JobListing) => number | undefined) =>
    Object.fromEntries(jobs.map((job) => [job.name, value(job)]));
  const seconds = (ms: number | undefined) => ms === undefined ? undefined : ms / 1_000;
  return [
    byLabel(ENABLED, each(({ isEnabled }) => isEnabled ? 1 : 0)),
    byLabel(RUNNING, each(({ claim }) => claim === undefined ? 0 : 1)),
    byLabel(LAST_SUCCESS, each(({ lastOkMs }) => seconds(lastOkMs))),
    byLabel(LAST_RUN, each(({ lastRun }) => seconds(lastRun?.endedAtMs))),
    byLabel(
      DURATION,
      each(({ lastRun }) => lastRun && Math.max(0, lastRun.endedAtMs - lastRun.startedAtMs) / 1_000),
    ),
    family(
      RUNS,
      jobs.flatMap(({ name, runCounts }) =>
        OUTCOMES.map((outcome) => ({
          labels: { job_name: name, outcome: outcome.replaceAll(" ", "_") },
          value: runCounts[outcome] ?? 0,
        }))
      ),
    ),
    byLabel(FAILURES, each(({ failureCount }) => failureCount)),
    byLabel(NEXT_DUE, each(({ nextDueMs }) => seconds(nextDueMs))),
  ];
}
