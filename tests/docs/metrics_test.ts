import assert from "node:assert/strict";
import { ALL_METRICS } from "../../jobs/metrics/all_metrics.ts";
import { type Metric, sampleName } from "../../lib/core/metrics/metric.ts";
import { namesIn, opsPath, readDashboardQueries } from "../_fakes/monitoring_files.ts";
import { checkWithPromtool } from "../_fakes/promtool.ts";

const PAGE = new URL("../../docs/operations.md", import.meta.url);

/** Names of all series that a metric has. */
function seriesOf(metric: Metric): readonly string[] {
  const name = sampleName(metric);
  return metric.type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name];
}

const KNOWN = new Set(ALL_METRICS.flatMap(seriesOf));

/** As the table of the page has it. */
function row(metric: Metric): readonly string[] {
  const { type, labels, help } = metric;
  return [`\`${sampleName(metric)}\``, type, labels.map((label) => `\`${label}\``).join(", "), help];
}

Deno.test("docs/operations.md lists every metric as the code has it", async () => {
  const text = await Deno.readTextFile(PAGE);
  const section = text.slice(text.indexOf("\n## Metrics\n")).split(/\n## (?!Metrics)/)[0]!;
  const rows = section.split("\n").filter((line) => /^\| `(?:pot|process)_/.test(line)).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  assert.deepEqual(rows, ALL_METRICS.map(row));
});

Deno.test("the dashboard and the rules ask only for metrics that there are, and the dashboard for most of them", async () => {
  const queries = await readDashboardQueries();
  assert.ok(queries.length > 60);
  const asked = new Set(queries.flatMap(({ query }) => namesIn(query)));
  const rules = await Deno.readTextFile(opsPath("prometheus_rules.yml"));
  const unknown = [...asked, ...namesIn(rules.replaceAll(/record: .*/g, ""))].filter((name) =>
    !KNOWN.has(name)
  );
  assert.deepEqual(unknown, []);
  const isShown = (metric: Metric) => seriesOf(metric).some((name) => asked.has(name));
  const hidden = ALL_METRICS.filter((metric) => !isShown(metric)).map(({ name }) => name);
  assert.ok(hidden.length <= 20, `on no panel: ${hidden.join(", ")}`);
});

Deno.test("the dashboard is one that Grafana takes: numbers of panels, places and a data source", async () => {
  const { panels, templating, uid } = JSON.parse(await Deno.readTextFile(opsPath("grafana_dashboard.json")));
  assert.equal(uid, "pot-overview");
  const ids = panels.map(({ id }: { id: number }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const taken = new Set<string>();
  for (const { gridPos: { x, y, w, h }, type, title, targets = [] } of panels) {
    assert.ok(x + w <= 24, title);
    for (let at = x; at < x + w; at++) {
      for (let line = y; line < y + h; line++) {
        assert.ok(!taken.has(`${at} ${line}`), `${title} lies over another panel`);
        taken.add(`${at} ${line}`);
      }
    }
    assert.equal(type === "row", targets.length === 0, title);
    for (const { datasource } of targets) assert.equal(datasource.uid, "${datasource}");
  }
  assert.deepEqual(templating.list.map(({ name }: { name: string }) => name), [
    "datasource",
    "job",
    "instance",
  ]);
});

Deno.test("promtool finds the rules and the configuration of Prometheus in order", async () => {
  await checkWithPromtool(["check", "rules", opsPath("prometheus_rules.yml")]);
  await checkWithPromtool(["check", "config", opsPath("prometheus.yml")]);
});

Deno.test("each alert of the rules fires where it should, and none where all is well", async () => {
  const rules = await Deno.readTextFile(opsPath("prometheus_rules.yml"));
  const path = new URL("../metrics/prometheus_rules.yml", import.meta.url).pathname;
  const tried = await Deno.readTextFile(path);
  for (const [, name] of rules.matchAll(/- alert: (\w+)/g)) {
    assert.ok(tried.includes(`alertname="${name}"`), `${name} is not tried`);
  }
  await checkWithPromtool(["test", "rules", path]);
});
