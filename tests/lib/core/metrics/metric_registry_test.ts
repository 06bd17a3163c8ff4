import assert from "node:assert/strict";
import { gauge, type MetricFamily, single } from "../../../../lib/core/metrics/metric.ts";
import { createMetricRegistry } from "../../../../lib/core/metrics/metric_registry.ts";

const A = gauge("pot_a", "A.");
const B = gauge("pot_b", "B.");

function valuesOf(families: readonly MetricFamily[], name: string): unknown {
  const found = families.find(({ metric }) => metric.name === name);
  return found && Object.fromEntries(
    found.samples.map(({ labels = {}, value }) => [Object.values(labels).join(), value]),
  );
}

Deno.test("createMetricRegistry() tells the other metrics when a collector fails, and that it did", async () => {
  const told: unknown[] = [];
  const failure = new Error("the database is gone");
  const registry = createMetricRegistry({
    now: () => 0,
    collectors: [
      { name: "good", collect: () => Promise.resolve([single(A, 1)]) },
      { name: "bad", collect: () => Promise.reject(failure) },
      {
        name: "worse",
        collect() {
          throw failure;
        },
      },
      {
        name: "wrong",
        collect: () => Promise.resolve([{ metric: B, samples: [{ labels: { c: "d" }, value: 1 }] }]),
      },
      { name: "double", collect: () => Promise.resolve([single(A, 2), single(B, 2)]) },
      { name: "twice", collect: () => Promise.resolve([single(B, 3), single(B, 4)]) },
    ],
    onError: (collector, error) => told.push([collector, (error as Error).message]),
  });
  const families = await registry.read();
  assert.deepEqual(valuesOf(families, "pot_scrape_error"), {
    good: 0,
    bad: 1,
    worse: 1,
    wrong: 1,
    double: 1,
    twice: 1,
  });
  assert.deepEqual(valuesOf(families, "pot_a"), { "": 1 });
  assert.equal(valuesOf(families, "pot_b"), undefined);
  assert.deepEqual(told.toSorted(), [
    ["bad", "the database is gone"],
    ["double", "Cannot tell the metrics of double as a name is there already"],
    ["twice", "Cannot tell the metrics of twice as a name is there already"],
    ["worse", "the database is gone"],
    ["wrong", "Cannot tell the metric pot_b as a sample breaks its rules"],
  ]);
});

Deno.test("createMetricRegistry() answers many readers with one look, and looks again after a while", async () => {
  let nowMs = 1_000;
  let looks = 0;
  let release = Promise.withResolvers<void>();
  const registry = createMetricRegistry({
    now: () => nowMs,
    cacheMs: 2_000,
    collectors: [{
      name: "slow",
      async collect() {
        looks++;
        await release.promise;
        return [single(A, looks)];
      },
    }],
  });
  const first = registry.read();
  nowMs += 5_000;
  const second = registry.read();
  release.resolve();
  assert.equal(await first, await second);
  assert.deepEqual(valuesOf(await first, "pot_scrape_collector_duration_seconds"), { slow: 5 });
  assert.equal(looks, 1);
  release = Promise.withResolvers();
  release.resolve();
  assert.deepEqual(valuesOf(await registry.read(), "pot_a"), { "": 2 });
  nowMs += 2_000;
  await registry.read();
  assert.equal(looks, 2);
  nowMs += 1;
  await registry.read();
  assert.equal(looks, 3);
  // A clock that was set back.
  nowMs = 0;
  await registry.read();
  assert.equal(looks, 4);
});

Deno.test("createMetricRegistry() leaves out what its limit cuts off", async () => {
  const registry = createMetricRegistry({
    now: () => 0,
    limit: (name, run) => name === "slow" ? Promise.reject(new Error("late")) : run(),
    collectors: [
      { name: "slow", collect: () => new Promise(() => {}) },
      { name: "quick", collect: () => Promise.resolve([single(A, 1)]) },
    ],
  });
  const families = await registry.read();
  assert.deepEqual(valuesOf(families, "pot_scrape_error"), { slow: 1, quick: 0 });
  assert.deepEqual(valuesOf(families, "pot_a"), { "": 1 });
});
