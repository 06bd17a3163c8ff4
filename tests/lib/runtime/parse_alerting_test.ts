import assert from "node:assert/strict";
import type { PotError } from "../../../lib/core/errors.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";

const SMTP = "smtp://pot:secretpassword@mail.example:587";
const URL = "https://hooks.example/pathsecret";

function parse(env: Record<string, string>, file = {}) {
  return parseConfig({ folder: "/srv/pot", env, file }).alerting;
}

function mistakes(env: Record<string, string>, file = {}): readonly string[] {
  try {
    parse(env, file);
  } catch (error) {
    assert.doesNotMatch(JSON.stringify(error), /secretpassword|pathsecret/);
    return (error as PotError).facts;
  }
  assert.fail("it was accepted");
}

Deno.test("parseConfig() has no alerting where nothing is configured", () => {
  assert.equal(parse({}), undefined);
  assert.equal(parse({ POT_SLACK_SEVERITY: "error" }), undefined);
});

Deno.test("parseConfig() takes every channel, with the severity that it is told from on", () => {
  const env = {
    POT_ALERT_SOURCE: "pot-prod",
    POT_SLACK_TOKEN: "xoxb-12345678",
    POT_SLACK_CHANNEL: "C0123456789",
    POT_SLACK_WEBHOOK_URL: URL,
    POT_PAGERDUTY_KEY: "a".repeat(32),
    POT_SMTP_URL: SMTP,
    POT_ALERT_WEBHOOK_URL: URL,
    POT_ALERT_WEBHOOK_SECRET: "a shared secret of ours",
    POT_HEARTBEAT_URL_FILE: "secrets/heartbeat",
  };
  const file = { alertEmailFrom: "pot@a.example", alertEmailTo: ["x@a.example", "y@b.example"] };
  const channels = {
    source: "pot-prod",
    slack: { token: { text: "xoxb-12345678" }, channel: "C0123456789", minSeverity: "info" },
    slackWebhook: { url: { text: URL }, minSeverity: "info" },
    pagerduty: { routingKey: { text: "a".repeat(32) }, minSeverity: "critical" },
    email: {
      server: { text: SMTP },
      from: "pot@a.example",
      to: ["x@a.example", "y@b.example"],
      minSeverity: "info",
    },
    webhook: { url: { text: URL }, secret: { text: "a shared secret of ours" }, minSeverity: "info" },
    heartbeatUrl: { file: "/srv/pot/secrets/heartbeat", setting: "heartbeatUrl" },
  };
  assert.deepEqual(parse(env, file), channels);
  const levels = {
    POT_SLACK_SEVERITY: "warning",
    POT_PAGERDUTY_SEVERITY: "error",
    POT_ALERT_EMAIL_SEVERITY: "error",
    POT_ALERT_WEBHOOK_SEVERITY: "critical",
    POT_SLACK_API_URL: "http://127.0.0.1:1/api/",
    POT_PAGERDUTY_URL: "http://127.0.0.1:2",
  };
  assert.deepEqual(parse({ ...env, ...levels }, file), {
    ...channels,
    slack: { ...channels.slack, minSeverity: "warning", apiUrl: "http://127.0.0.1:1/api/" },
    slackWebhook: { ...channels.slackWebhook, minSeverity: "warning" },
    pagerduty: { ...channels.pagerduty, minSeverity: "error", url: "http://127.0.0.1:2" },
    email: { ...channels.email, minSeverity: "error" },
    webhook: { ...channels.webhook, minSeverity: "critical" },
  });
});

Deno.test("parseConfig() names both halves of a channel that is configured by half", () => {
  const cases: readonly (readonly [env: Record<string, string>, ...facts: readonly string[]])[] = [
    [
      { POT_SLACK_TOKEN: "xoxb-12345678" },
      "POT_SLACK_CHANNEL (or slackChannel in pot.jsonc) must be given where POT_SLACK_TOKEN is",
    ],
    [{ POT_SLACK_CHANNEL: "alerts" }, "POT_SLACK_TOKEN must be given where POT_SLACK_CHANNEL is"],
    [
      { POT_SLACK_TOKEN_FILE: "/run/t" },
      "POT_SLACK_CHANNEL (or slackChannel in pot.jsonc) must be given where POT_SLACK_TOKEN_FILE is",
    ],
    [
      { POT_SMTP_URL: SMTP },
      "POT_ALERT_EMAIL_FROM (or alertEmailFrom in pot.jsonc) must be given where POT_SMTP_URL is",
      "POT_ALERT_EMAIL_TO (or alertEmailTo in pot.jsonc) must be given where POT_SMTP_URL is",
    ],
    [
      { POT_ALERT_EMAIL_FROM: "a@b.c", POT_ALERT_EMAIL_TO: "d@e.f" },
      "POT_SMTP_URL must be given where POT_ALERT_EMAIL_FROM and POT_ALERT_EMAIL_TO is",
    ],
    [{ POT_ALERT_WEBHOOK_URL: URL }, "POT_ALERT_WEBHOOK_SECRET must be given where POT_ALERT_WEBHOOK_URL is"],
    [
      { POT_PAGERDUTY_KEY: "a".repeat(32), POT_PAGERDUTY_KEY_FILE: "/run/k" },
      "POT_PAGERDUTY_KEY and POT_PAGERDUTY_KEY_FILE must not be given together: which of them counts?",
    ],
  ];
  for (const [env, ...facts] of cases) assert.deepEqual(mistakes(env), facts);
});

Deno.test("parseConfig() shows no secret of a channel that is wrong, and takes none from the file", () => {
  assert.deepEqual(
    mistakes({ POT_ALERT_WEBHOOK_URL: "http://hooks.example/pathsecret", POT_SMTP_URL: "secretpassword" }),
    [
      "POT_SMTP_URL must be an smtp:// or smtps:// URL such as smtp://user:password@mail.example:587, special characters percent-encoded",
      "POT_ALERT_WEBHOOK_URL must be an https:// URL (http:// only to this machine)",
      "POT_ALERT_EMAIL_FROM (or alertEmailFrom in pot.jsonc) must be given where POT_SMTP_URL is",
      "POT_ALERT_EMAIL_TO (or alertEmailTo in pot.jsonc) must be given where POT_SMTP_URL is",
      "POT_ALERT_WEBHOOK_SECRET must be given where POT_ALERT_WEBHOOK_URL is",
    ],
  );
  const [fact] = mistakes({}, { slackToken: "xoxb-12345678" });
  assert.match(fact!, /^slackToken/);
});
