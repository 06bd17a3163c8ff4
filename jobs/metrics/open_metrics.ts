import process from "node:process";
import config from "../../deno.json" with { type: "json" };
import type { AlertsAdmin } from "../../lib/alerts/alerts_admin.ts";
import { emptyJournal } from "../../lib/chain/read_journal.ts";
import type { Clock } from "../../lib/core/clock.ts";
import { UnreachableError } from "../../lib/core/errors.ts";
import {
  createMetricRegistry,
  type MetricCollector,
  type MetricsSource,
} from "../../lib/core/metrics/metric_registry.ts";
import type { StateStore } from "../../lib/io/state_store.ts";
import { withinTime } from "../../lib/io/within_time.ts";
import type { Runtime } from "../../lib/runtime/open_runtime.ts";
import { openWritePause } from "../../lib/runtime/open_write_pause.ts";
import { oldestPending } from "../health_checks.ts";
import { listJobs } from "../list_jobs.ts";
import type { Watch } from "../open_watch.ts";
import type { PlannedJob } from "../plan_jobs.ts";
import { alertFamilies } from "./alert_metrics.ts";
import { backupFamilies } from "./backup_metrics.ts";
import { checkFamilies } from "./check_metrics.ts";
import { costFamilies } from "./cost_metrics.ts";
import { endpointFamilies } from "./endpoint_metrics.ts";
import { jobFamilies } from "./job_metrics.ts";
import type { LastObservations } from "./last_observations.ts";
import { buildFamilies, processFamilies } from "./process_metrics.ts";
import { recordFamilies } from "./record_metrics.ts";
import { transactionFamilies } from "./transaction_metrics.ts";

/** Where metrics are read off. */
export interface MetricsDeps {
  readonly runtime: Pick<Runtime, "config" | "log" | "anchors" | "recorder" | "meter">;
  readonly watch: Pick<Watch, "chain" | "currency">;
  readonly jobs: readonly PlannedJob[];
  readonly state: StateStore;
  readonly alerts: Pick<AlertsAdmin, "view">;
  readonly observations: Pick<LastObservations, "read">;
  readonly clock: Pick<Clock, "now">;
}

/** Who is asked, and who is told. */
export interface OpenMetricsOptions {
  /** Tell of this process too: its memory, what it asked of endpoints, and whether it acts. @default false */
  readonly daemon?: { readonly isLeading: () => boolean };
  /** How long one part may take: Prometheus itself waits 10 seconds. @default 4_000 */
  readonly collectorMs?: number;
  /** Told why a part of the metrics could not be read. @default nobody is told */
  readonly onError?: (collector: string, error: unknown) => void;
}

/**
 * The metrics of an installation, read off what is durable at the moment they are asked for: log, journal, state of jobs and
 * alerts, and what jobs saw last. No endpoint is asked.
 */
export function openMetrics(
  deps: MetricsDeps,
  { daemon, collectorMs = 4_000, onError }: OpenMetricsOptions = {},
): MetricsSource {
  return createMetricRegistry({
    collectors: collectorsOf(deps, daemon),
    now: () => performance.now(),
    limit: (name, run) =>
      withinTime(run, {
        timeoutMs: collectorMs,
        whenLate: () =>
          new UnreachableError(`Cannot read the metrics of ${name} as that takes too long`, {
            facts: [`limit: ${collectorMs / 1_000} s`],
          }),
      }),
    ...(onError && { onError }),
  });
}

function collectorsOf(deps: MetricsDeps, daemon: OpenMetricsOptions["daemon"]): readonly MetricCollector[] {
  const { runtime, watch: { chain, currency }, jobs, state, alerts, observations, clock } = deps;
  const { recorder, meter } = runtime;
  return [
    {
      name: "records",
      collect: async () =>
        recordFamilies({
          status: await recorder.status(),
          pending: await oldestPending(runtime),
          nowMs: clock.now(),
        }),
    },
    ...(chain === undefined ? [] : chainCollectors(chain, deps)),
    {
      name: "checks",
      async collect() {
        const seen = await observations.read();
        return [
          ...checkFamilies({ observations: seen, currency }),
          ...backupFamilies(seen),
          ...(chain === undefined ? [] : endpointFamilies({
            observations: seen,
            endpointNames: chain.endpoints.endpointNames,
            ...(daemon && { meter }),
          })),
        ];
      },
    },
    { name: "alerts", collect: async () => alertFamilies({ view: await alerts.view(), nowMs: clock.now() }) },
    { name: "jobs", collect: async () => jobFamilies(await listJobs(jobs, { state, nowMs: clock.now() })) },
    {
      name: "build",
      collect: () => Promise.resolve(buildFamilies({ version: config.version, deno: Deno.version.deno })),
    },
    ...(daemon === undefined ? [] : [{
      name: "process",
      collect: () => Promise.resolve(processFamilies({ ...thisProcess(), isLeading: daemon.isLeading() })),
    }]),
  ];
}

function chainCollectors(
  { evm, journal }: NonNullable<Watch["chain"]>,
  { runtime: { config }, watch: { currency }, clock }: MetricsDeps,
): readonly MetricCollector[] {
  const pause = openWritePause(config);
  const read = async () => await journal() ?? emptyJournal(evm.chainId);
  return [
    {
      name: "transactions",
      collect: async () =>
        transactionFamilies({
          view: await read(),
          isPaused: await pause.read() !== undefined,
          nowMs: clock.now(),
        }),
    },
    {
      name: "costs",
      collect: async () =>
        costFamilies({ view: await read(), limits: evm.sending.limits, currency, nowMs: clock.now() }),
    },
  ];
}

function thisProcess() {
  const { rss, heapUsed } = Deno.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    startedAtMs: performance.timeOrigin,
    residentBytes: rss,
    heapBytes: heapUsed,
    cpuSeconds: (user + system) / 1e6,
  };
}
