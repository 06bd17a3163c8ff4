import type { Metric } from "../../lib/core/metrics/metric.ts";
import { SCRAPE_METRICS } from "../../lib/core/metrics/metric_registry.ts";
import { ALERT_METRICS } from "./alert_metrics.ts";
import { BACKUP_METRICS } from "./backup_metrics.ts";
import { CHECK_METRICS } from "./check_metrics.ts";
import { COST_METRICS } from "./cost_metrics.ts";
import { ENDPOINT_METRICS } from "./endpoint_metrics.ts";
import { JOB_METRICS } from "./job_metrics.ts";
import { PROCESS_METRICS } from "./process_metrics.ts";
import { RECORD_METRICS } from "./record_metrics.ts";
import { TRANSACTION_METRICS } from "./transaction_metrics.ts";

/** Every metric there is: documentation, dashboard and rules are held against this list. */
export const ALL_METRICS: readonly Metric[] = [
  ...RECORD_METRICS,
  ...TRANSACTION_METRICS,
  ...COST_METRICS,
  ...ENDPOINT_METRICS,
  ...CHECK_METRICS,
  ...BACKUP_METRICS,
  ...ALERT_METRICS,
  ...JOB_METRICS,
  ...PROCESS_METRICS,
  ...SCRAPE_METRICS,
];
