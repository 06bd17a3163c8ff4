import assert from "node:assert/strict";
import { telemetryNotice } from "../../lib/runtime/telemetry_notice.ts";
import { startDaemon } from "../_fakes/daemon_process.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../_fakes/otlp_receiver.ts";

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

const attributesOf = (all: readonly Attribute[]) =>
  Object.fromEntries(all.map(({ key, value }) => [key, value.stringValue]));

/** A daemon with OpenTelemetry switched on, asked for its health once. */
async function telemetryOf(
  receiver: OtlpReceiver,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly log: string }> {
  await using cli = await createInstalledCli();
  await using daemon = await startDaemon(cli.folder, {
    OTEL_DENO: "true",
    OTEL_SERVICE_NAME: "pot-test",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    ...env,
  });
  assert.equal(await (await fetch(`${daemon.url}healthz?secret=in-a-span`)).text(), "ok\n");
  const { code, log } = await daemon.stop();
  assert.equal(code, 0);
  return { log };
}

Deno.test("pot up sends spans and metrics over OTLP when OpenTelemetry is switched on, and says what spans hold", async () => {
  await using receiver = startOtlpReceiver();
  const { log } = await telemetryOf(receiver, {});
  assert.deepEqual(receiver.refused, []);
  const { resource, scopeSpans } = receiver.requests.find(({ path }) => path === "/v1/traces")!.body
    .resourceSpans[0];
  assert.equal(attributesOf(resource.attributes)["service.name"], "pot-test");
  const spans = scopeSpans.flatMap(({ spans }: { spans: readonly { attributes: readonly Attribute[] }[] }) =>
    spans
  );
  const served = spans.map(({ attributes }: { attributes: readonly Attribute[] }) => attributesOf(attributes))
    .find((attributes: Record<string, string>) => attributes["url.path"] === "/healthz");
  assert.equal(served?.["http.response.status_code"], "200");
  // Deno's doing, and why the notice is there: when this no longer holds, it can go.
  assert.equal(served?.["url.query"], "secret=in-a-span");
  const metrics = receiver.requests.filter(({ path }) => path === "/v1/metrics").map(({ text }) => text)
    .join();
  assert.ok(metrics.includes('"http.server.request.duration"'), metrics);
  assert.ok(log.includes(telemetryNotice({ OTEL_DENO: "true" })!), log);
});

Deno.test("pot up sends no URL anywhere with OTEL_DENO_TRACING=false", async () => {
  await using receiver = startOtlpReceiver();
  const { log } = await telemetryOf(receiver, { OTEL_DENO_TRACING: "false" });
  assert.deepEqual(receiver.refused, []);
  assert.deepEqual([...new Set(receiver.requests.map(({ path }) => path))], ["/v1/metrics"]);
  for (const { text } of receiver.requests) {
    assert.ok(!text.includes("in-a-span") && !text.includes("healthz"), text);
  }
  assert.ok(!log.includes("OpenTelemetry"), log);
});

Deno.test("telemetryNotice() tells only while spans are sent", () => {
  for (
    const env of [
      { OTEL_DENO: "true" },
      { OTEL_DENO: "TRUE", OTEL_DENO_TRACING: "true" },
      { OTEL_DENO: "true", OTEL_DENO_TRACING: "0", OTEL_SDK_DISABLED: "1" },
    ]
  ) {
    assert.match(telemetryNotice(env) ?? "", /^OpenTelemetry sends spans with whole URLs/);
  }
  for (
    const env of [
      {},
      { OTEL_DENO: "false" },
      { OTEL_DENO_TRACING: "true" },
      { OTEL_DENO: "true", OTEL_DENO_TRACING: "false" },
      { OTEL_DENO: "true", OTEL_DENO_TRACING: "False" },
      { OTEL_DENO: "true", OTEL_SDK_DISABLED: "true" },
      { OTEL_DENO: "1" },
    ]
  ) assert.equal(telemetryNotice(env), undefined);
});
