import assert from "node:assert/strict";
import {
  byLabel,
  checkFamily,
  counter,
  family,
  gauge,
  histogram,
  info,
  type MetricFamily,
} from "../../../../lib/core/metrics/metric.ts";

Deno.test("counter(), gauge(), histogram() and info() refuse names, units and labels that break the rules", () => {
  const wrong: readonly (() => unknown)[] = [
    () => counter("pot_things_total", "Things."),
    () => info("pot_build_info", "Build."),
    () => gauge("pot_things_count", "Things."),
    () => histogram("pot_wait_seconds_bucket", "Wait."),
    () => gauge("Pot", "Upper case."),
    () => gauge("pot-things", "A hyphen."),
    () => gauge("pot__things", "Two at once."),
    () => gauge("pot_things", ""),
    () => gauge("pot_wait", "Wait.", { unit: "seconds" }),
    () => info("pot_build_seconds", "Build.", { unit: "seconds" } as object),
    () => gauge("pot_things", "Things.", { labels: ["le"] }),
    () => gauge("pot_things", "Things.", { labels: ["__name__"] }),
    () => gauge("pot_things", "Things.", { labels: ["a", "a"] }),
  ];
  for (const define of wrong) assert.throws(define, TypeError, String(define));
  assert.deepEqual(gauge("pot_wait_seconds", "Wait.", { unit: "seconds", labels: ["of"] }), {
    name: "pot_wait_seconds",
    type: "gauge",
    help: "Wait.",
    unit: "seconds",
    labels: ["of"],
  });
});

Deno.test("checkFamily() refuses samples that are not what their metric says", () => {
  const things = gauge("pot_things", "Things.", { labels: ["a", "b"] });
  const total = counter("pot_made", "Made.");
  const wait = histogram("pot_wait_seconds", "Wait.", { unit: "seconds" });
  const buckets = (...found: readonly (readonly [number, number])[]) => ({
    buckets: found.map(([upTo, count]) => ({ upTo, count })),
    sum: 0,
  });
  const wrong: readonly MetricFamily[] = [
    family(things, [{ labels: { a: "1" }, value: 1 }]),
    family(things, [{ labels: { a: "1", c: "2" }, value: 1 }]),
    family(things, [{ labels: { a: "1", b: "2" }, value: 1 }, { labels: { b: "2", a: "1" }, value: 2 }]),
    family(things, [{ labels: { a: "1", b: "2" }, value: buckets([Infinity, 1]) }]),
    family(total, [{ value: -1 }]),
    family(total, [{ value: NaN }]),
    family(total, [{ value: Infinity }]),
    family(info("pot_build", "Build."), [{ value: 2 }]),
    family(wait, [{ value: 1 }]),
    family(wait, [{ value: buckets([1, 1]) }]),
    family(wait, [{ value: buckets([2, 1], [1, 1], [Infinity, 0]) }]),
    family(wait, [{ value: buckets([1, -1], [Infinity, 0]) }]),
    family(wait, [{ value: { ...buckets([Infinity, 0]), sum: NaN } }]),
  ];
  for (const one of wrong) assert.throws(() => checkFamily(one), TypeError, JSON.stringify(one));
  const right = [
    byLabel(gauge("pot_ratio", "Ratio.", { labels: ["of"] }), { a: NaN, b: -1 }),
    family(wait, [{ value: buckets([1, 0], [Infinity, 3]) }]),
  ];
  for (const one of right) assert.equal(checkFamily(one), one);
});

Deno.test("byLabel() leaves out what is not known", () => {
  const metric = gauge("pot_things", "Things.", { labels: ["of"] });
  assert.deepEqual(byLabel(metric, { a: 0, b: undefined }).samples, [{ labels: { of: "a" }, value: 0 }]);
});
