import type { RpcMeter } from "../../lib/chain/rpc_meter.ts";
import {
  byLabel,
  counter,
  family,
  gauge,
  type Metric,
  type MetricFamily,
  single,
} from "../../lib/core/metrics/metric.ts";
import type { LastObservation } from "./last_observations.ts";

const LABELS = ["endpoint"];
const UP = gauge(
  "pot_endpoint_up",
  "1 where the endpoint answered the last look and served the right chain.",
  {
    labels: LABELS,
  },
);
const LATENCY = gauge("pot_endpoint_latency_seconds", "How long it took to answer the last look.", {
  unit: "seconds",
  labels: LABELS,
});
const P95 = gauge("pot_endpoint_latency_p95_seconds", "95th percentile of the last looks that it answered.", {
  unit: "seconds",
  labels: LABELS,
});
const HEAD = gauge("pot_endpoint_head_block", "Number of its newest block.", { labels: LABELS });
const LAG = gauge("pot_endpoint_head_lag_blocks", "Blocks behind the best endpoint.", {
  unit: "blocks",
  labels: LABELS,
});
const AGE = gauge("pot_endpoint_head_age_seconds", "How old its newest block was at the last look.", {
  unit: "seconds",
  labels: LABELS,
});
const USABLE = gauge("pot_endpoints_usable", "Endpoints that can be relied on.");
const NEEDED = gauge("pot_endpoints_needed", "Endpoints that must agree before a state becomes final.");
const CALLS = counter("pot_rpc_calls", "Calls that this process made, a batch being several.", {
  labels: ["endpoint", "method"],
});
const FAILURES = counter("pot_rpc_failures", "Requests of this process without a proper answer.", {
  labels: LABELS,
});

/** The chain's endpoints, called `endpoint-1` and so on, in order of preference. */
export const ENDPOINT_METRICS: readonly Metric[] = [
  UP,
  LATENCY,
  P95,
  HEAD,
  LAG,
  AGE,
  USABLE,
  NEEDED,
  CALLS,
  FAILURES,
];

/** What is read off. */
export interface EndpointFacts {
  readonly observations: readonly LastObservation[];
  /** Names that the meter knows them by, in order of preference. */
  readonly endpointNames: readonly string[];
  /** Absent where this process asks nothing of them. */
  readonly meter?: Pick<RpcMeter, "totals" | "failures">;
}

/** What was last seen of each endpoint, and what this process asked of it. */
export function endpointFamilies(
  { observations, endpointNames, meter }: EndpointFacts,
): readonly MetricFamily[] {
  const subjects = endpointNames.map((_, index) => subjectOf(index));
  const seen = new Map(
    observations.filter(({ check }) => check === "endpoint").map((one) => [one.subject, one]),
  );
  const each = (value: (seen: LastObservation) => number | undefined) =>
    Object.fromEntries(subjects.map((subject) => {
      const one = seen.get(subject);
      return [subject, one && value(one)];
    }));
  const scaled = (name: string, scale = 1) =>
    each(({ values }) => values[name] === undefined ? undefined : values[name] / scale);
  const quorum = observations.find(({ check }) => check === "quorum")?.values;
  return [
    byLabel(UP, each(({ status }) => status === "failed" || status === "unknown" ? 0 : 1)),
    byLabel(LATENCY, scaled("latencyMs", 1_000)),
    byLabel(P95, scaled("p95Ms", 1_000)),
    byLabel(HEAD, scaled("headNumber")),
    byLabel(LAG, scaled("lagBlocks")),
    byLabel(AGE, scaled("headAgeSeconds")),
    single(USABLE, quorum?.healthyCount),
    single(NEEDED, quorum?.neededCount),
    ...(meter === undefined ? [] : meterFamilies(meter, endpointNames)),
  ];
}

/** Two endpoints of one redacted name are told as the first of them. */
function meterFamilies(
  meter: Pick<RpcMeter, "totals" | "failures">,
  endpointNames: readonly string[],
): readonly MetricFamily[] {
  const failures = meter.failures();
  const names = new Map(
    endpointNames.map((name, index) => [name, subjectOf(index)]).toReversed() as [string, string][],
  );
  return [
    family(
      CALLS,
      meter.totals().flatMap(({ endpoint, calls }) => {
        const subject = names.get(endpoint);
        if (subject === undefined) return [];
        return Object.entries(calls).map(([method, value]) => ({
          labels: { endpoint: subject, method },
          value,
        }));
      }),
    ),
    byLabel(
      FAILURES,
      Object.fromEntries([...names].map(([name, subject]) => [subject, failures[name] ?? 0])),
    ),
  ];
}

function subjectOf(index: number): string {
  return `endpoint-${index + 1}`;
}
