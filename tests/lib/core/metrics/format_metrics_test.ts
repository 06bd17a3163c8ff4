import assert from "node:assert/strict";
import fc from "fast-check";
import { formatMetrics } from "../../../../lib/core/metrics/format_metrics.ts";
import {
  byLabel,
  counter,
  family,
  gauge,
  histogram,
  info,
  type MetricFamily,
  sampleName,
  single,
} from "../../../../lib/core/metrics/metric.ts";
import { checkWithPromtool } from "../../../_fakes/promtool.ts";
import { readOpenMetrics, readSample } from "../../../_fakes/read_openmetrics.ts";

const FAMILIES: readonly MetricFamily[] = [
  single(counter("pot_things", 'Things.\nAll of "them" \\.'), 12),
  byLabel(gauge("pot_size_bytes", "Size.", { unit: "bytes", labels: ["place"] }), {
    here: 0.5,
    there: -1e21,
  }),
  family(info("pot_build", "Build.", { labels: ["version"] }), [{ labels: { version: "1" }, value: 1 }]),
  family(histogram("pot_wait_seconds", "Wait.", { unit: "seconds", labels: ["of"] }), [{
    labels: { of: "a" },
    value: {
      buckets: [{ upTo: 0.25, count: 2 }, { upTo: 60, count: 0 }, { upTo: Infinity, count: 1 }],
      sum: 100.5,
    },
  }]),
  single(gauge("pot_unknown", "Nobody knows."), undefined),
  byLabel(gauge("pot_odd", "Odd.", { labels: ["value"] }), {
    inf: Infinity,
    minus: -Infinity,
    nan: NaN,
    zero: -0,
  }),
];

Deno.test("formatMetrics() writes OpenMetrics 1.0", () => {
  assert.equal(
    formatMetrics(FAMILIES, "openmetrics"),
    `# HELP pot_build Build.
# TYPE pot_build info
pot_build_info{version="1"} 1
# HELP pot_odd Odd.
# TYPE pot_odd gauge
pot_odd{value="inf"} +Inf
pot_odd{value="minus"} -Inf
pot_odd{value="nan"} NaN
pot_odd{value="zero"} 0
# HELP pot_size_bytes Size.
# TYPE pot_size_bytes gauge
# UNIT pot_size_bytes bytes
pot_size_bytes{place="here"} 0.5
pot_size_bytes{place="there"} -1e+21
# HELP pot_things Things.\\nAll of \\"them\\" \\\\.
# TYPE pot_things counter
pot_things_total 12
# HELP pot_wait_seconds Wait.
# TYPE pot_wait_seconds histogram
# UNIT pot_wait_seconds seconds
pot_wait_seconds_bucket{of="a",le="0.25"} 2
pot_wait_seconds_bucket{of="a",le="60.0"} 2
pot_wait_seconds_bucket{of="a",le="+Inf"} 3
pot_wait_seconds_sum{of="a"} 100.5
pot_wait_seconds_count{of="a"} 3
# EOF
`,
  );
});

Deno.test("formatMetrics() writes Prometheus text 0.0.4", () => {
  assert.equal(
    formatMetrics(FAMILIES.slice(0, 4), "prometheus"),
    `# HELP pot_build_info Build.
# TYPE pot_build_info gauge
pot_build_info{version="1"} 1
# HELP pot_size_bytes Size.
# TYPE pot_size_bytes gauge
pot_size_bytes{place="here"} 0.5
pot_size_bytes{place="there"} -1e+21
# HELP pot_things_total Things.\\nAll of "them" \\\\.
# TYPE pot_things_total counter
pot_things_total 12
# HELP pot_wait_seconds Wait.
# TYPE pot_wait_seconds histogram
pot_wait_seconds_bucket{of="a",le="0.25"} 2
pot_wait_seconds_bucket{of="a",le="60.0"} 2
pot_wait_seconds_bucket{of="a",le="+Inf"} 3
pot_wait_seconds_sum{of="a"} 100.5
pot_wait_seconds_count{of="a"} 3
`,
  );
});

Deno.test("formatMetrics() of nothing is an empty text, and # EOF", () => {
  assert.equal(formatMetrics([], "prometheus"), "");
  assert.equal(formatMetrics([], "openmetrics"), "# EOF\n");
});

const HOSTILE = [
  'a"} 1\npot_forged_total 99\n#',
  "\\",
  '\\"',
  "\\n",
  "\n",
  '"',
  "}",
  "{",
  ",",
  "=",
  " ",
  "",
  "# EOF\n",
  "\r\n",
  "\0",
  "\u2028é😀",
  "\ud800",
];

Deno.test("formatMetrics() keeps hostile label values inside their quotes, in both formats", () => {
  const metric = gauge("pot_hostile", "Hostile.", { labels: ["text"] });
  const read = (format: "prometheus" | "openmetrics", text: string) => {
    const lines = formatMetrics([byLabel(metric, { [text]: 1 })], format);
    if (format === "openmetrics") return readOpenMetrics(lines)[0]!.samples;
    return lines.split("\n").filter((line) => !/^(?:#|$)/.test(line)).map(readSample);
  };
  const expected = (text: string) => text.toWellFormed().replaceAll("\0", "\u{fffd}");
  for (const format of ["prometheus", "openmetrics"] as const) {
    for (const text of HOSTILE) {
      assert.deepEqual(read(format, text), [{
        name: "pot_hostile",
        labels: { text: expected(text) },
        value: 1,
      }]);
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.equal(read(format, text)[0]!.labels.text, expected(text));
      }),
      { numRuns: 50 },
    );
  }
});

Deno.test("formatMetrics() writes any numbers and histograms so that a strict reader gets them back", () => {
  const value = fc.double();
  const counts = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(value, counts, fc.double({ min: 0, noNaN: true, max: 1e12 }), (number, found, sum) => {
      const families = [
        single(gauge("pot_number", "Number."), number),
        single(histogram("pot_wait_seconds", "Wait.", { unit: "seconds" }), {
          buckets: found.map((count, at) => ({
            upTo: at === found.length - 1 ? Infinity : 10 ** (at - 3),
            count,
          })),
          sum,
        }),
      ];
      const [read, wait] = readOpenMetrics(formatMetrics(families, "openmetrics"));
      assert.ok(
        Object.is(read!.samples[0]!.value, number) || (number === 0 && read!.samples[0]!.value === 0),
      );
      assert.equal(wait!.samples.at(-1)!.value, found.reduce((a, b) => a + b, 0));
      assert.equal(wait!.samples.at(-2)!.value, sum);
    }),
  );
});

Deno.test("promtool finds nothing to complain about in what formatMetrics() writes", async () => {
  const hostile = byLabel(gauge("pot_hostile", "Hostile.", { labels: ["text"] }), {
    ...Object.fromEntries(HOSTILE.filter((text) => text !== "\ud800").map((text) => [text, 1])),
  });
  // Its linter wants base units and help only, which the names of these have.
  await checkWithPromtool(["check", "metrics"], formatMetrics([...FAMILIES, hostile], "prometheus"));
});

Deno.test("sampleName() adds what formats add", () => {
  assert.deepEqual(FAMILIES.map(({ metric }) => sampleName(metric)), [
    "pot_things_total",
    "pot_size_bytes",
    "pot_build_info",
    "pot_wait_seconds",
    "pot_unknown",
    "pot_odd",
  ]);
});
