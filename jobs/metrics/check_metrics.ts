import type { HealthStatus } from "../../lib/core/observation.ts";
import { family, gauge, type Metric, type MetricFamily, single } from "../../lib/core/metrics/metric.ts";
import type { LastObservation } from "./last_observations.ts";

const STATUS = gauge(
  "pot_check_status",
  "1 for the status that was last seen of each thing, 0 for the others.",
  {
    labels: ["check", "subject", "status"],
  },
);
const LOOKED = gauge("pot_check_timestamp_seconds", "When it was last looked at, Unix time.", {
  unit: "seconds",
  labels: ["check", "subject"],
});
const BALANCE = gauge("pot_balance_native", "Balance of the signing account.", {
  unit: "native",
  labels: ["currency"],
});
const RUNWAY = gauge(
  "pot_runway_seconds",
  "How long the balance lasts at the recent rate; absent where nothing was spent lately.",
  { unit: "seconds" },
);
const GAS_PRICE = gauge("pot_gas_price_wei", "What a unit of gas costs now; below 2^53, so exact.", {
  unit: "wei",
});
const GAS_CAP = gauge("pot_gas_price_cap_ratio", "That price over the fee cap; nothing is sent above 1.", {
  unit: "ratio",
});
const SKEW = gauge("pot_clock_skew_seconds", "This machine's clock less the newest block's time.", {
  unit: "seconds",
});
const DISK_FREE = gauge("pot_disk_free_bytes", "Room on the disk of the home folder.", { unit: "bytes" });
const DISK_RATIO = gauge("pot_disk_free_ratio", "Room on that disk, of all there is.", { unit: "ratio" });
const EXPIRY = gauge(
  "pot_expiry_timestamp_seconds",
  "When tokens and certificates stop working, Unix time.",
  {
    unit: "seconds",
    labels: ["name"],
  },
);
const MISMATCHES = gauge(
  "pot_mismatches",
  "Findings of the last audit, of its comparison with the contract (reconciliation), and of recent transactions.",
  { labels: ["source"] },
);
const AUDITED = gauge("pot_audited_records", "Records that the last audit read.");

/** What jobs saw last. */
export const CHECK_METRICS: readonly Metric[] = [
  STATUS,
  LOOKED,
  BALANCE,
  RUNWAY,
  GAS_PRICE,
  GAS_CAP,
  SKEW,
  DISK_FREE,
  DISK_RATIO,
  EXPIRY,
  MISMATCHES,
  AUDITED,
];

const STATUSES: readonly HealthStatus[] = ["ok", "degraded", "failed", "unknown"];
const WEI = 1e18;
const DAY_SECONDS = 86_400;

/** Reads them off what was last seen; nobody is asked. */
export function checkFamilies(
  { observations, currency }: {
    readonly observations: readonly LastObservation[];
    readonly currency: string;
  },
): readonly MetricFamily[] {
  const value = (check: string, name: string, scale = 1) => {
    const found = observations.find((one) => one.check === check)?.values[name];
    return found === undefined ? undefined : found * scale;
  };
  const balance = value("balance", "balanceWei", 1 / WEI);
  const mismatches = {
    audit: value("audit", "findingCount"),
    reconciliation: value("reconciliation", "differenceCount"),
    transactions: value("transaction-integrity", "mismatchCount"),
  };
  return [
    family(
      STATUS,
      observations.flatMap(({ check, subject, status: current }) =>
        STATUSES.map((status) => ({ labels: { check, subject, status }, value: status === current ? 1 : 0 }))
      ),
    ),
    family(
      LOOKED,
      observations.map(({ check, subject, atMs }) => ({ labels: { check, subject }, value: atMs / 1_000 })),
    ),
    family(BALANCE, balance === undefined ? [] : [{ labels: { currency }, value: balance }]),
    single(RUNWAY, value("balance", "runwayDays", DAY_SECONDS)),
    single(GAS_PRICE, value("gas-price", "gasPriceWei")),
    single(GAS_CAP, value("gas-price", "capRatio")),
    single(SKEW, value("clock-skew", "skewMs", 1 / 1_000)),
    single(DISK_FREE, value("disk-space", "freeBytes")),
    single(DISK_RATIO, value("disk-space", "freeRatio")),
    family(
      EXPIRY,
      observations.flatMap(({ check, subject, values: { daysLeft }, atMs }) =>
        check !== "expiry" || daysLeft === undefined
          ? []
          : [{ labels: { name: subject }, value: Math.round(atMs / 1_000 + daysLeft * DAY_SECONDS) }]
      ),
    ),
    family(
      MISMATCHES,
      Object.entries(mismatches).flatMap(([source, count]) =>
        count === undefined ? [] : [{ labels: { source }, value: count }]
      ),
    ),
    single(AUDITED, value("audit", "recordCount")),
  ];
}
