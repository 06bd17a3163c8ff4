import assert from "node:assert/strict";
import { createLastObservations } from "../../../jobs/metrics/last_observations.ts";
import { type MetricsDeps, openMetrics } from "../../../jobs/metrics/open_metrics.ts";
import type { EndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { createRpcMeter } from "../../../lib/chain/rpc_meter.ts";
import { formatMetrics } from "../../../lib/core/metrics/format_metrics.ts";
import { START } from "../../_fakes/job_fixture.ts";
import { createMemoryStateStore } from "../../_fakes/memory_state_store.ts";
import { makeTempFolder, openRecorder, recordSteps } from "../../_fakes/recorder_fixture.ts";

/** Endpoints that must not be asked anything. */
const mute = new Proxy(
  { endpointNames: ["https://a.example", "https://b.example"] } as unknown as EndpointPool,
  {
    get(target, name) {
      if (name === "endpointNames") return target.endpointNames;
      throw new Error(`an endpoint was asked: ${String(name)}`);
    },
  },
);

Deno.test("openMetrics() asks no endpoint, and leaves out what takes too long, hung or broken", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await recordSteps(opened.recorder, 1, 3);
  const state = createMemoryStateStore();
  const errors: string[] = [];
  const meter = createRpcMeter();
  meter.count("https://b.example", "eth_call");
  const metrics = openMetrics({
    runtime: {
      ...opened,
      config: { home: folder.path, chain: "evm" },
      meter,
    } as unknown as MetricsDeps["runtime"],
    watch: {
      currency: "POL",
      chain: {
        evm: { chainId: 137, sending: { limits: {} } },
        endpoints: mute,
        journal: () => Promise.resolve(undefined),
      },
    } as unknown as MetricsDeps["watch"],
    jobs: [],
    state,
    alerts: { view: () => new Promise(() => {}) },
    observations: createLastObservations(state),
    clock: { now: () => START },
  }, {
    daemon: { isLeading: () => true },
    collectorMs: 60,
    onError: (collector, error) => errors.push(`${collector}: ${(error as Error).message}`),
  });
  const text = formatMetrics(await metrics.read(), "prometheus");
  for (
    const line of [
      "pot_log_records_total 3",
      "pot_pending_records 3",
      "pot_transactions_signed_total 0",
      'pot_spent_native{period="day",currency="POL"} 0',
      'pot_rpc_calls_total{endpoint="endpoint-2",method="eth_call"} 1',
      "pot_daemon_leading 1",
      'pot_scrape_error{collector="alerts"} 1',
      'pot_scrape_error{collector="transactions"} 0',
    ]
  ) assert.ok(text.includes(`\n${line}\n`), `${line} in\n${text}`);
  assert.deepEqual(errors, ["alerts: Cannot read the metrics of alerts as that takes too long"]);
  assert.match(text, /^process_resident_memory_bytes \d{7,}$/m);
  assert.match(text, /^process_start_time_seconds 1\d{9}/m);
});
