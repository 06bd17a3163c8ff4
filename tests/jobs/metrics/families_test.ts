import assert from "node:assert/strict";
import { join } from "node:path";
import { listJobs } from "../../../jobs/list_jobs.ts";
import { alertFamilies } from "../../../jobs/metrics/alert_metrics.ts";
import { ALL_METRICS } from "../../../jobs/metrics/all_metrics.ts";
import { backupFamilies } from "../../../jobs/metrics/backup_metrics.ts";
import { checkFamilies } from "../../../jobs/metrics/check_metrics.ts";
import { costFamilies, toNative } from "../../../jobs/metrics/cost_metrics.ts";
import { endpointFamilies } from "../../../jobs/metrics/endpoint_metrics.ts";
import { jobFamilies } from "../../../jobs/metrics/job_metrics.ts";
import type { LastObservation } from "../../../jobs/metrics/last_observations.ts";
import { recordFamilies } from "../../../jobs/metrics/record_metrics.ts";
import { transactionFamilies } from "../../../jobs/metrics/transaction_metrics.ts";
import { encodeJobState, newJobState, withRun } from "../../../jobs/job_state.ts";
import { planJobs } from "../../../jobs/plan_jobs.ts";
import type { AlertsView } from "../../../lib/alerts/engine/view.ts";
import { openJournal } from "../../../lib/chain/journal.ts";
import type { SignedFrame } from "../../../lib/chain/journal_entry.ts";
import { emptyJournal, readJournal } from "../../../lib/chain/read_journal.ts";
import { createRpcMeter } from "../../../lib/chain/rpc_meter.ts";
import { formatMetrics } from "../../../lib/core/metrics/format_metrics.ts";
import { checkFamily, type MetricFamily } from "../../../lib/core/metrics/metric.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { Anchor } from "../../../lib/recorder/anchor_line.ts";
import { holdJob, START } from "../../_fakes/job_fixture.ts";
import { createMemoryStateStore } from "../../_fakes/memory_state_store.ts";
import { readOpenMetrics } from "../../_fakes/read_openmetrics.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

/** Series as a reader has them: `name{labels}` and its value. */
function seriesOf(families: readonly MetricFamily[]): Readonly<Record<string, number>> {
  const text = formatMetrics(families.map(checkFamily), "openmetrics");
  return Object.fromEntries(
    readOpenMetrics(text).flatMap(({ samples }) => samples).map(({ name, labels, value }) => {
      const shown = Object.entries(labels).map(([label, text]) => `${label}=${text}`).join();
      return [shown === "" ? name : `${name}{${shown}}`, value];
    }),
  );
}

const seen = (check: string, more: Partial<LastObservation> = {}): LastObservation => ({
  check,
  subject: "",
  status: "ok",
  values: {},
  atMs: START,
  ...more,
});

Deno.test("recordFamilies() tells records, anchors and how long the oldest waits", () => {
  const anchor = (size: bigint, facts: unknown) =>
    ({ size, root: new Uint8Array(32), note: "", facts }) as Anchor;
  const families = recordFamilies({
    status: {
      origin: "pot/x",
      recordCount: 12,
      records: { pending: 2, local: 0, anchored: 3, confirmed: 0, final: 7 },
      runs: [{ runId: "a", recordCount: 12 }],
      anchors: [
        anchor(7n, { kind: "evm", state: "final", inclusion: { blockTime: 1_000 } }),
        anchor(10n, { kind: "evm", state: "anchored", inclusion: { blockTime: 2_000 } }),
        anchor(12n, { kind: "evm", state: "pending" }),
        anchor(3n, { kind: "local", state: "local", timestamp: 500 }),
      ],
    },
    pending: { atMs: START - 90_000, count: 2 },
    nowMs: START,
  });
  assert.deepEqual(seriesOf(families), {
    "pot_anchored_records{kind=evm}": 10,
    "pot_anchored_records{kind=local}": 3,
    "pot_anchors{kind=evm,state=final}": 1,
    "pot_anchors{kind=evm,state=anchored}": 1,
    "pot_anchors{kind=evm,state=pending}": 1,
    "pot_anchors{kind=local,state=local}": 1,
    "pot_last_anchor_timestamp_seconds{kind=evm}": 2_000,
    "pot_last_anchor_timestamp_seconds{kind=local}": 500,
    "pot_log_records_total": 12,
    "pot_oldest_pending_record_age_seconds": 90,
    "pot_pending_records": 2,
    "pot_records{state=pending}": 2,
    "pot_records{state=local}": 0,
    "pot_records{state=anchored}": 3,
    "pot_records{state=confirmed}": 0,
    "pot_records{state=final}": 7,
    "pot_runs": 1,
  });
});

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const signed = (nonce: number, purpose = "anchor"): Omit<SignedFrame, "type" | "chainId"> => ({
  key: `key ${nonce}`,
  purpose,
  nonce,
  records: 10,
  kind: "first",
  hash: `0x${"1".repeat(64)}`,
  raw: "0x02f8",
  fees: { type: "legacy", gasPriceWei: 1n },
  maxCostWei: 3_000_000_000_000_000n,
  signedAtMs: START,
});

Deno.test("transactionFamilies() and costFamilies() tell what a journal holds, in base units and whole coins", () =>
  inTemporaryFolder(async (folder) => {
    const place = {
      folder: join(folder, "journal"),
      address: ADDRESS,
      chainId: 7,
      files: denoFiles,
    } as const;
    {
      await using journal = await openJournal(place);
      await journal.sign([signed(0), signed(1), signed(2, "store-hash")]);
      const [first, second] = journal.live();
      const mined = {
        transactionHash: `0x${"1".repeat(64)}` as const,
        blockHash: `0x${"2".repeat(64)}` as const,
        blockNumber: 5n,
        transactionHashes: [`0x${"1".repeat(64)}` as const],
        transactionIndex: 0,
        blockTime: START / 1_000 + 3,
        logs: [],
        gasUsed: 30_000n,
        effectiveGasPriceWei: 50_000_000_000n,
      };
      await journal.note([{ entry: first!, state: "mined", mined }], START + 4_000);
      await journal.note([{ entry: journal.live()[0]!, state: "confirmed", mined }], START + 20_000);
      await journal.note([{ entry: journal.live()[0]!, state: "final", mined }], START + 70_000);
      await journal.note([{ entry: second!, state: "failed", failure: "lost" }], START + 70_000);
    }
    const view = (await readJournal(place))!;
    const series = seriesOf([
      ...transactionFamilies({ view, isPaused: true, nowMs: START + 100_000 }),
      ...costFamilies({
        view,
        limits: {
          dailySpendWei: 2_000_000_000_000_000n,
          monthlyTransactions: 10,
          monthlySpendWei: 10n ** 18n,
        },
        currency: "POL",
        nowMs: START + 100_000,
      }),
    ]);
    const histogram = (name: string, seconds: number) => {
      const bounds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];
      const buckets = bounds.map((bound) => [`${name}_bucket{le=${bound}.0}`, seconds <= bound ? 1 : 0]);
      return {
        ...Object.fromEntries(buckets),
        [`${name}_bucket{le=+Inf}`]: 1,
        [`${name}_sum`]: seconds,
        [`${name}_count`]: 1,
      };
    };
    assert.deepEqual(series, {
      "pot_budget_left_native{period=day,currency=POL}": 0,
      "pot_budget_left_native{period=month,currency=POL}": 0.9955,
      "pot_budget_left_transactions{period=month}": 7,
      "pot_budget_used_ratio{period=day}": 2.25,
      "pot_budget_used_ratio{period=month}": 0.3,
      "pot_fees_paid_native{purpose=anchor,currency=POL}": 0.0015,
      "pot_gas_used{purpose=anchor}": 30_000,
      "pot_mined_transactions{purpose=anchor}": 1,
      "pot_nonce_gaps_filled_total": 0,
      "pot_oldest_pending_transaction_age_seconds": 100,
      "pot_operation_cost_native{purpose=anchor,currency=POL}": 0.0015,
      "pot_period_transactions{period=day}": 3,
      "pot_period_transactions{period=month}": 3,
      "pot_projected_month_native{currency=POL}": 0.0045,
      "pot_record_cost_native{currency=POL}": 0.00015,
      "pot_reorganisations_total": 0,
      "pot_spent_native{period=day,currency=POL}": 0.0045,
      "pot_spent_native{period=month,currency=POL}": 0.0045,
      "pot_transaction_replacements_total": 0,
      "pot_transaction_success_ratio": 0.5,
      "pot_transaction_throughput_per_second": 1 / 3_600,
      ...histogram("pot_transaction_time_to_confirm_seconds", 20),
      ...histogram("pot_transaction_time_to_mine_seconds", 4),
      "pot_transactions{state=signed}": 1,
      "pot_transactions{state=broadcast}": 0,
      "pot_transactions{state=unknown}": 0,
      "pot_transactions{state=mined}": 0,
      "pot_transactions{state=confirmed}": 0,
      "pot_transactions{state=final}": 1,
      "pot_transactions{state=failed}": 1,
      "pot_transactions{state=replaced}": 0,
      "pot_transactions_settled_total{outcome=succeeded}": 1,
      "pot_transactions_settled_total{outcome=failed}": 1,
      "pot_transactions_settled_total{outcome=cancelled}": 0,
      "pot_transactions_signed_total": 3,
      "pot_writes_paused": 1,
    });
  }));

Deno.test("transactionFamilies() of a key that has sent nothing are zeros, and no ratio", () => {
  const series = seriesOf(transactionFamilies({ view: emptyJournal(7), isPaused: false, nowMs: START }));
  assert.equal(series["pot_transactions_signed_total"], 0);
  assert.equal(series["pot_transaction_time_to_confirm_seconds_count"], 0);
  assert.equal(series["pot_oldest_pending_transaction_age_seconds"], 0);
  assert.ok(!("pot_transaction_success_ratio" in series));
});

Deno.test("toNative() loses no more than a float must", () => {
  assert.equal(toNative(1n), 1e-18);
  assert.equal(toNative(123_456_789_123_456_789n), 0.12345678912345679);
  assert.equal(toNative(9_007_199_254_740_991n * 10n ** 18n), 9_007_199_254_740_991);
});

Deno.test("endpointFamilies() calls endpoints by their place, never by URL, and forgets those that were taken out", () => {
  const meter = createRpcMeter();
  meter.count("https://a.example", "eth_call");
  meter.count("https://a.example", "eth_call");
  meter.count("https://b.example", "eth_chainId");
  meter.count("https://gone.example", "eth_call");
  meter.countFailure("https://b.example");
  const values = { headNumber: 900, lagBlocks: 2, headAgeSeconds: 3, latencyMs: 40, p95Ms: 80 };
  const families = endpointFamilies({
    observations: [
      seen("endpoint", { subject: "endpoint-1", status: "degraded", values }),
      seen("endpoint", { subject: "endpoint-2", status: "failed" }),
      seen("endpoint", { subject: "endpoint-9", values }),
      seen("quorum", { values: { healthyCount: 1, neededCount: 2 } }),
    ],
    endpointNames: ["https://a.example", "https://b.example"],
    meter,
  });
  assert.deepEqual(seriesOf(families), {
    "pot_endpoint_head_age_seconds{endpoint=endpoint-1}": 3,
    "pot_endpoint_head_block{endpoint=endpoint-1}": 900,
    "pot_endpoint_head_lag_blocks{endpoint=endpoint-1}": 2,
    "pot_endpoint_latency_p95_seconds{endpoint=endpoint-1}": 0.08,
    "pot_endpoint_latency_seconds{endpoint=endpoint-1}": 0.04,
    "pot_endpoint_up{endpoint=endpoint-1}": 1,
    "pot_endpoint_up{endpoint=endpoint-2}": 0,
    "pot_endpoints_needed": 2,
    "pot_endpoints_usable": 1,
    "pot_rpc_calls_total{endpoint=endpoint-1,method=eth_call}": 2,
    "pot_rpc_calls_total{endpoint=endpoint-2,method=eth_chainId}": 1,
    "pot_rpc_failures_total{endpoint=endpoint-1}": 0,
    "pot_rpc_failures_total{endpoint=endpoint-2}": 1,
  });
});

Deno.test("checkFamilies() and backupFamilies() tell what jobs saw last", () => {
  const observations = [
    seen("balance", { values: { balanceWei: 1.5e18, runwayDays: 2 } }),
    seen("gas-price", { status: "degraded", values: { gasPriceWei: 31e9, capRatio: 0.31 } }),
    seen("clock-skew", { values: { skewMs: -1_500 } }),
    seen("disk-space", { values: { freeBytes: 5e9, freeRatio: 0.25 } }),
    seen("expiry", { subject: "token ci", values: { daysLeft: 0.5 } }),
    seen("expiry", { subject: "token old" }),
    seen("audit", { values: { findingCount: 0, recordCount: 12 } }),
    seen("reconciliation", { status: "failed", values: { differenceCount: 3 } }),
    seen("transaction-integrity", { values: { mismatchCount: 1 } }),
    seen("backup", {
      subject: "disk",
      values: { ageMs: 60_000, verifiedAgeMs: 50_000, sizeBytes: 10, keptCount: 4 },
    }),
    seen("backup", { subject: "bucket", values: { ageMs: 60_000, verifiedAgeMs: 1_000 } }),
    seen("restore-drill", { values: { ageMs: 30_000 } }),
  ];
  const series = seriesOf([
    ...checkFamilies({ observations, currency: "POL" }),
    ...backupFamilies(observations),
  ]);
  const atSeconds = START / 1_000;
  const told = Object.fromEntries(Object.entries(series).filter(([name]) => !name.startsWith("pot_check_")));
  assert.deepEqual(told, {
    "pot_audited_records": 12,
    "pot_backup_last_success_timestamp_seconds{target=disk}": atSeconds - 60,
    "pot_backup_last_success_timestamp_seconds{target=bucket}": atSeconds - 60,
    "pot_backup_last_verified_timestamp_seconds{target=disk}": atSeconds - 50,
    "pot_backup_last_verified_timestamp_seconds{target=bucket}": atSeconds - 1,
    "pot_backup_size_bytes{target=disk}": 10,
    "pot_backups_kept{target=disk}": 4,
    "pot_balance_native{currency=POL}": 1.5,
    "pot_clock_skew_seconds": -1.5,
    "pot_disk_free_bytes": 5e9,
    "pot_disk_free_ratio": 0.25,
    "pot_expiry_timestamp_seconds{name=token ci}": atSeconds + 43_200,
    "pot_gas_price_cap_ratio": 0.31,
    "pot_gas_price_wei": 31e9,
    "pot_mismatches{source=audit}": 0,
    "pot_mismatches{source=reconciliation}": 3,
    "pot_mismatches{source=transactions}": 1,
    "pot_restore_drill_backup_age_seconds": 30,
    "pot_restore_drill_last_success_timestamp_seconds": atSeconds,
    "pot_runway_seconds": 172_800,
  });
  assert.equal(series["pot_check_status{check=reconciliation,subject=,status=failed}"], 1);
  assert.equal(series["pot_check_status{check=reconciliation,subject=,status=ok}"], 0);
  assert.equal(series["pot_check_timestamp_seconds{check=expiry,subject=token ci}"], atSeconds);
});

Deno.test("backupFamilies() tells of no success where the last drill failed, or nobody could look", () => {
  for (const status of ["failed", "unknown"] as const) {
    assert.deepEqual(seriesOf(backupFamilies([seen("restore-drill", { status })])), {});
  }
});

Deno.test("alertFamilies() counts alerts by severity and state, and tells how messages get out", () => {
  const alert = (severity: string, state: string) => ({ severity, state });
  const view = {
    alerts: [
      alert("critical", "firing"),
      alert("critical", "firing"),
      alert("warning", "acknowledged"),
      alert("error", "resolved"),
    ],
    incidents: [{ acknowledged: { by: "x" } }, {}],
    silences: [{}],
    waiting: 3,
    oldestWaitingMs: START - 5_000,
    channels: [{ name: "slack", waiting: 3, failures: 2 }],
    deadLetters: [{}],
    lostDeadLetters: 4,
  } as unknown as AlertsView;
  const series = seriesOf(alertFamilies({ view, nowMs: START }));
  assert.equal(series["pot_alerts{severity=critical,state=firing}"], 2);
  assert.equal(series["pot_alerts{severity=warning,state=acknowledged}"], 1);
  assert.equal(series["pot_alerts{severity=error,state=firing}"], 0);
  const rest = Object.entries(series).filter(([name]) => !name.startsWith("pot_alerts{"));
  assert.equal(Object.keys(series).length - rest.length, 20);
  assert.deepEqual(Object.fromEntries(rest), {
    "pot_alert_channel_failures{channel=slack}": 2,
    "pot_alert_dead_letters": 1,
    "pot_alert_dead_letters_lost_total": 4,
    "pot_alert_incidents{state=open}": 2,
    "pot_alert_incidents{state=acknowledged}": 1,
    "pot_alert_outbox_age_seconds": 5,
    "pot_alert_outbox_messages{channel=slack}": 3,
    "pot_alert_silences": 1,
  });
});

Deno.test("jobFamilies() counts every run there ever was, though only the last ones are kept", async () => {
  const state = createMemoryStateStore();
  const jobs = planJobs([holdJob({ now: () => START }, { name: "work" }).job], {});
  let kept = newJobState(START);
  for (let run = 1; run <= 30; run++) {
    const startedAtMs = START + run * 1_000;
    kept = withRun(kept, {
      attemptId: String(run),
      trigger: "schedule",
      missedCount: 0,
      startedAtMs,
      endedAtMs: startedAtMs + 250,
      holder: { host: "here", pid: 1 },
      outcome: run > 28 ? "timed out" : "ok",
    });
  }
  assert.equal(kept.runs.length, 20);
  await state.write("job-work", encodeJobState(kept), { version: undefined });
  const series = seriesOf(jobFamilies(await listJobs(jobs, { state, nowMs: START })));
  assert.deepEqual(series, {
    "pot_job_enabled{job_name=work}": 1,
    "pot_job_failures{job_name=work}": 2,
    "pot_job_last_duration_seconds{job_name=work}": 0.25,
    "pot_job_last_run_timestamp_seconds{job_name=work}": START / 1_000 + 30.25,
    "pot_job_last_success_timestamp_seconds{job_name=work}": START / 1_000 + 28.25,
    "pot_job_next_due_timestamp_seconds{job_name=work}": START / 1_000 + 600,
    "pot_job_running{job_name=work}": 0,
    "pot_job_runs_total{job_name=work,outcome=ok}": 28,
    "pot_job_runs_total{job_name=work,outcome=failed}": 0,
    "pot_job_runs_total{job_name=work,outcome=timed_out}": 2,
    "pot_job_runs_total{job_name=work,outcome=stopped}": 0,
    "pot_job_runs_total{job_name=work,outcome=crashed}": 0,
  });
});

Deno.test("ALL_METRICS has no name twice", () => {
  const names = ALL_METRICS.map(({ name }) => name);
  assert.deepEqual(names.filter((name, at) => names.indexOf(name) < at), []);
});
