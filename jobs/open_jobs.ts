import type { AccessGate } from "../lib/access/access_gate.ts";
import type { Alerts } from "../lib/alerts/alerts.ts";
import type { AlertsAdmin } from "../lib/alerts/alerts_admin.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { MetricsSource } from "../lib/core/metrics/metric_registry.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import { auditHome } from "../lib/runtime/audit_home.ts";
import { guardPort } from "../lib/runtime/guard_port.ts";
import { openBackups } from "../lib/runtime/open_backups.ts";
import { openAccess } from "../lib/runtime/open_access.ts";
import { openAlerts } from "../lib/runtime/open_alerts.ts";
import { openHeartbeat } from "../lib/runtime/open_heartbeat.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import { openStateStore } from "../lib/runtime/open_state_store.ts";
import { JOB_BACKUP_RULES } from "../lib/runtime/port_rules.ts";
import { rehearseRestore } from "../lib/runtime/rehearse_restore.ts";
import { readSecurity } from "../lib/runtime/read_security.ts";
import { systemClock } from "../lib/runtime/system_clock.ts";
import { collectDigest } from "./collect_digest.ts";
import { findWatchdogProblems } from "./find_watchdog_problems.ts";
import { createExpiries } from "./list_expiries.ts";
import { createLastObservations, type LastObservations } from "./metrics/last_observations.ts";
import { openMetrics, type OpenMetricsOptions } from "./metrics/open_metrics.ts";
import { openWatch } from "./open_watch.ts";
import { planJobs, type PlannedJob } from "./plan_jobs.ts";
import { createJobs, type JobsDeps } from "./registry.ts";
import { createWatchedChecks } from "./watched_checks.ts";

/** The jobs of an installation, and what takes their records and what they see. */
export interface OpenedJobs extends AsyncDisposable {
  readonly jobs: readonly PlannedJob[];
  readonly state: StateStore;
  /** What it is given to weigh is kept for the metrics too. */
  readonly alerts: Alerts & AlertsAdmin;
  /** How all of it does, in numbers. */
  readonly openMetrics: (options?: OpenMetricsOptions) => MetricsSource;
}

/** What to put in place of the machine's own. */
export interface OpenJobsOptions {
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Asked before a job changes what the runtime does not hold; what it holds asks the runtime's own gate. @default as the configuration says */
  readonly access?: AccessGate;
}

/**
 * Puts together the jobs of a runtime as its configuration wants them.
 *
 * @throws {UsageError} for a mistake in the section `jobs` or `alerts` of the configuration, or a secret that cannot be read
 */
export async function openJobs(
  runtime: Runtime,
  { clock = systemClock, access = openAccess(runtime.config, { clock }).gate }: OpenJobsOptions = {},
): Promise<OpenedJobs> {
  const { config, log, meter } = runtime;
  await using opened = new AsyncDisposableStack();
  const state = opened.use(await openStateStore(config));
  const observations = createLastObservations(state);
  const isWatched = createWatchedChecks(config, () => jobs);
  const alerts = keeping(
    observations,
    await openAlerts(config, { store: state, origin: log.origin, clock, isWatched }),
  );
  const heartbeat = await openHeartbeat(config);
  const { tokens } = openAccess(config, { clock });
  const expiries = createExpiries({ config, tokens, files: denoFiles, clock });
  const watch = opened.use(openWatch(runtime, { state, clock, expiries }));
  const { chain, currency } = watch;
  const jobs: readonly PlannedJob[] = planJobs(
    createJobs({
      runtime,
      watch,
      audit: (options) => auditHome(config, options),
      digest: (options) =>
        collectDigest({
          runtime,
          currency,
          openProblems: async () => await openProblems(alerts),
          now: () => clock.now(),
          ...(chain && { journal: chain.journal }),
        }, options),
      watchdog: {
        problems: () => findWatchdogProblems({ alerts, state, jobs: () => jobs, clock }),
        ...(heartbeat && { sendHeartbeat: heartbeat }),
      },
      security: {
        state,
        read: (before, options) =>
          readSecurity(
            { config, meter, clock, ...(chain && { endpoints: chain.endpoints }) },
            before,
            options,
          ),
      },
      ...backupOf(config, { clock, access }),
      alerts,
      clock,
    }),
    config.jobs,
  );
  const disposables = opened.move();
  return {
    jobs,
    state,
    alerts,
    openMetrics: (options) =>
      openMetrics({ runtime, watch, jobs, state, alerts, observations, clock }, options),
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

/** The same alerts, where what they are given to weigh is kept as well. */
function keeping(observations: LastObservations, alerts: Alerts & AlertsAdmin): Alerts & AlertsAdmin {
  return {
    ...alerts,
    async observe(seen, options) {
      await observations.keep(seen.observations ?? []);
      await alerts.observe(seen, options);
    },
  };
}

async function openProblems(alerts: Pick<AlertsAdmin, "view">): Promise<readonly string[]> {
  const { alerts: all } = await alerts.view();
  return all.filter(({ state }) => state !== "resolved" && state !== "pending").map(({ message }) => message);
}

/** Where a target is configured. */
function backupOf(
  config: Runtime["config"],
  { clock, access }: Required<OpenJobsOptions>,
): Pick<JobsDeps, "backup"> {
  const { backup } = config;
  if (backup === undefined || backup.targets.length === 0) return {};
  const backups = guardPort(openBackups(config, { clock }), JOB_BACKUP_RULES, access);
  const { keep } = backup;
  return {
    backup: { backups, keep, rehearse: (options) => rehearseRestore(config, backups, options) },
  };
}
