import assert from "node:assert/strict";
import { negotiateMetrics } from "../../../../lib/core/metrics/negotiate_metrics.ts";

const OPENMETRICS: readonly string[] = [
  // What Prometheus 2.42 and 3 send.
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
  "application/openmetrics-text",
  "application/openmetrics-text; version=1.0.0; charset=utf-8",
  'Application/OpenMetrics-Text;version="1.0.0"',
  "text/plain, application/openmetrics-text",
  "*/*, application/openmetrics-text",
  "text/plain;q=0.4, application/openmetrics-text;q=0.5",
  'text/html;x="a,b;q=0", application/openmetrics-text',
];

const PROMETHEUS: readonly (string | undefined)[] = [
  undefined,
  "",
  "*/*",
  "text/*",
  "text/plain",
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "application/*",
  "application/openmetrics-text;q=0",
  "application/openmetrics-text;q=0, */*",
  "application/openmetrics-text;q=0.4, text/plain;q=0.5",
  "application/openmetrics-text;version=0.0.1",
  "application/openmetrics-text;version=2.0.0",
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
  "application/json",
  "application/openmetrics-text;q=2",
  "application/openmetrics-text;q=high",
  ";;,,;=",
  '"',
];

Deno.test("negotiateMetrics() gives OpenMetrics to whoever names it and likes it best", () => {
  for (const accept of OPENMETRICS) assert.equal(negotiateMetrics(accept), "openmetrics", accept);
});

Deno.test("negotiateMetrics() gives Prometheus text to everybody else", () => {
  for (const accept of PROMETHEUS) assert.equal(negotiateMetrics(accept), "prometheus", `${accept}`);
});

Deno.test("negotiateMetrics() answers a long header in time", () => {
  const startMs = performance.now();
  for (const part of ["a/b;q=0.1,", '"', '"\\', '";']) {
    assert.equal(negotiateMetrics(`application/openmetrics-text,${part.repeat(100_000)}`), "prometheus");
    assert.equal(negotiateMetrics(`application/openmetrics-text,${part.repeat(300)}`), "openmetrics");
  }
  assert.ok(performance.now() - startMs < 1_000);
});
