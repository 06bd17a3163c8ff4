import type { Alerts } from "../lib/alerts/alerts.ts";
import type { AlertsAdmin } from "../lib/alerts/alerts_admin.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import { errorLine } from "./error_line.ts";
import { listJobs } from "./list_jobs.ts";
import type { PlannedJob } from "./plan_jobs.ts";

/** What the watchdog asks before it says that all is well. */
export interface WatchdogSources {
  readonly alerts: Pick<Alerts, "observe"> & Pick<AlertsAdmin, "view">;
  readonly state: StateStore;
  readonly jobs: () => readonly PlannedJob[];
  readonly clock: Pick<Clock, "now">;
}

/** A job that is so much later than planned is not coming by itself. */
const OVERDUE_MS = 10 * 60_000;
/** Longer than any retry of a channel that works. */
const STUCK_OUTBOX_MS = 30 * 60_000;

/**
 * What would keep alerts from being noticed or sent, one line each: alerts that cannot be weighed and kept (which writes to the
 * disk, or to the database), an outbox out of which nothing gets on any channel, channels that all refuse, jobs that do not come.
 */
export async function findWatchdogProblems(
  { alerts, state, jobs, clock }: WatchdogSources,
): Promise<readonly string[]> {
  try {
    const nowMs = clock.now();
    await alerts.observe({});
    const { channels, oldestWaitingMs = nowMs } = await alerts.view();
    const isStuck = nowMs - oldestWaitingMs > STUCK_OUTBOX_MS &&
      channels.every(({ failingSinceMs, waiting }) => failingSinceMs !== undefined || waiting > 0);
    const isDeaf = channels.length > 0 &&
      channels.every(({ refusedMs, failingSinceMs = nowMs }) =>
        refusedMs !== undefined || nowMs - failingSinceMs > STUCK_OUTBOX_MS
      );
    const overdue = (await listJobs(jobs(), { state, nowMs })).filter(({ isEnabled, claim, lastRun }) =>
      isEnabled && claim === undefined && nowMs - (lastRun?.nextDueMs ?? nowMs) > OVERDUE_MS
    );
    return [
      ...(isStuck ? ["alerts wait in the outbox, and no channel takes any"] : []),
      ...(isDeaf ? ["no channel of alerts takes what it is sent"] : []),
      ...overdue.map(({ name }) => `the job ${name} is overdue`),
    ];
  } catch (error) {
    return [`alerts cannot be kept: ${errorLine(error)}`];
  }
}
