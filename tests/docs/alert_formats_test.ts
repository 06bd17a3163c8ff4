import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { createWebhookChannel, type WebhookBody } from "../../lib/alerts/webhook_channel.ts";
import type { NotifiedAlert } from "../../lib/alerts/alert_channel.ts";
import { SETTINGS } from "../../lib/runtime/settings.ts";
import { ALERT_SETTINGS } from "../../lib/runtime/settings/alert_settings.ts";
import { code, fieldsOf } from "../_fakes/formats_page.ts";
import { notification } from "../_fakes/notification.ts";
import { startWebhookServer } from "../_fakes/webhook_server.ts";

const schema = JSON.parse(code("### Alert schema"));
const validate = new Ajv2020({ allErrors: true }).compile(schema);

function check(body: unknown): void {
  assert.ok(validate(body), JSON.stringify(validate.errors));
}

Deno.test("docs/formats.md has every field of an alert by webhook, and a schema that its example meets", () => {
  const fields = fieldsOf<WebhookBody>({
    schema: true,
    id: true,
    kind: true,
    key: true,
    timestamp: true,
    severity: true,
    message: true,
    details: true,
    source: true,
    fingerprint: true,
    state: true,
    since: true,
    runbook: true,
    alerts: true,
    alertCount: true,
  });
  const example = JSON.parse(code("### Alert example"));
  check(example);
  assert.deepEqual(Object.keys(schema.properties), fields);
  assert.deepEqual(Object.keys(example), fields);
  const ofAlert = fieldsOf<NotifiedAlert>({
    fingerprint: true,
    rule: true,
    subject: true,
    state: true,
    severity: true,
    message: true,
    since: true,
  });
  assert.deepEqual(Object.keys(schema.properties.alerts.items.properties), ofAlert);
  assert.equal(validate({ ...example, severity: "fatal" }), false);
  assert.equal(validate({ ...example, schema: "pot-alert/2" }), false);
});

Deno.test("docs/formats.md says how to check a signature, and what is sent meets its schema", async () => {
  await using server = startWebhookServer();
  const { hookUrl: url, secret } = server;
  const { signal } = new AbortController();
  const channel = createWebhookChannel({ url, secret, minSeverity: "info", clock: Date });
  for (const kind of ["trigger", "repeat", "escalate", "acknowledge", "resolve", "message"] as const) {
    const [alert] = notification({ kind }).alerts;
    const alerts = kind === "message" ? [] : Array<NotifiedAlert>(kind === "trigger" ? 500 : 1).fill(alert!);
    const long = "é😀&".repeat(5_000);
    const details = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i} ${long}`, long]));
    await channel.send(notification({ kind, alerts, message: long, details, source: long, runbook: long }), {
      signal,
    });
  }
  assert.equal(server.bodies.length, 6);
  for (const body of server.bodies) check(body);

  const text = code("## Alert by webhook");
  const { isFromPot } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  const { headers, body } = server.requests[0]!;
  const sentSeconds = Number(headers.get("pot-timestamp"));
  assert.equal(isFromPot(headers, body, secret, sentSeconds + 299), true);
  assert.equal(isFromPot(headers, new TextEncoder().encode(body), secret, sentSeconds), true);
  assert.equal(isFromPot(headers, body, secret), true);
  assert.equal(isFromPot(headers, body, secret, sentSeconds + 301), false);
  assert.equal(isFromPot(headers, body, secret, sentSeconds - 301), false);
  assert.equal(isFromPot(headers, `${body} `, secret, sentSeconds), false);
  assert.equal(isFromPot(headers, body, "another secret", sentSeconds), false);
  for (const signature of ["", "é".repeat(71), "sha256=", "x".repeat(71)]) {
    const forged = new Headers({ "pot-timestamp": String(sentSeconds), "pot-signature": signature });
    assert.equal(isFromPot(forged, body, secret, sentSeconds), false);
  }
  assert.equal(isFromPot(new Headers(), body, secret), false);
  // No other moment can be claimed for the same bytes.
  const moved = new Headers([...headers]);
  moved.set("pot-timestamp", String(sentSeconds + 1));
  assert.equal(isFromPot(moved, body, secret, sentSeconds), false);
});

Deno.test("docs/operations.md lists every setting of alert channels", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));
  const start = page.indexOf("\n## Where alerts go\n");
  assert.ok(start > 0);
  const section = page.slice(start, page.indexOf("\n## ", start + 1));
  for (const name of Object.keys(ALERT_SETTINGS) as (keyof typeof ALERT_SETTINGS)[]) {
    const { env: [variable = ""], key } = SETTINGS[name];
    // The twins are told of in one sentence.
    if (name.endsWith("File")) continue;
    assert.ok(section.includes(`\`${variable}\``), variable);
    if (key !== undefined) assert.ok(section.includes(`\`${key}\``), key);
  }
});
