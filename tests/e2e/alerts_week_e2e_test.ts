import assert from "node:assert/strict";
import { createEmailChannel } from "../../lib/alerts/email_channel.ts";
import { createPagerDutyChannel } from "../../lib/alerts/pagerduty_channel.ts";
import { createSlackChannel } from "../../lib/alerts/slack_channel.ts";
import { createWebhookChannel } from "../../lib/alerts/webhook_channel.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import type { IncidentRecord } from "../_fakes/alert_server.ts";
import { isIn, MAIL_DOWN, playWeek, SLACK_BUSY } from "../_fakes/alert_week.ts";
import { createCountingStateStore } from "../_fakes/counting_state_store.ts";
import { startPagerDutyServer } from "../_fakes/pagerduty_server.ts";
import { startSlackServer } from "../_fakes/slack_server.ts";
import { startMailServer } from "../_fakes/smtp_server.ts";
import { startWebhookServer } from "../_fakes/webhook_server.ts";

/** What a death between sending and noting may make double. */
const SENDING_DEATHS = 4;

Deno.test("a week of incidents reaches Slack, PagerDuty, a mail server and a webhook, each once, through ten deaths", async () => {
  await using slack = startSlackServer();
  await using pagerduty = startPagerDutyServer();
  await using mail = await startMailServer();
  await using webhook = startWebhookServer();
  const store = createCountingStateStore();
  let minute = 0;
  let asked = 0;
  slack.fault = () =>
    isIn(minute, SLACK_BUSY) && asked++ % 3 < 2
      ? { kind: "status", status: 429, headers: { "retry-after": "180" } }
      : undefined;
  const { view, deaths } = await playWeek({
    store,
    channels: [
      createSlackChannel({
        token: slack.token,
        channel: slack.channel.name,
        apiUrl: slack.apiUrl,
        minSeverity: "info",
      }),
      createPagerDutyChannel({
        url: pagerduty.url,
        routingKey: pagerduty.routingKey,
        minSeverity: "critical",
      }),
      createEmailChannel({
        server: mail.server,
        from: "pot@training.example",
        to: ["ops@example.org"],
        minSeverity: "warning",
        isTlsRequired: true,
        certificateAuthorities: [mail.certificate],
      }),
      createWebhookChannel({
        url: webhook.hookUrl,
        secret: webhook.secret,
        minSeverity: "error",
        clock: systemClock,
      }),
    ],
    onMinute: (at) => {
      minute = at;
      mail.faults = isIn(minute, MAIL_DOWN) ? [{ at: "connect", reply: "cut" }] : [];
    },
  });
  assert.equal(deaths, 10);
  assert.equal(view.waiting, 0);
  assert.deepEqual(view.deadLetters, []);
  assert.deepEqual(view.incidents, []);
  assert.deepEqual([slack.refusals, slack.warnings, slack.mentions, pagerduty.refusals], [[], [], [], []]);

  const causes = (record: IncidentRecord) =>
    record.keys.map((key) => /^[a-z-]+(?=-[0-9a-f]{12})/.exec(key)?.[0]);
  assert.deepEqual(causes(slack.incidents), [
    "endpoint",
    "endpoint",
    "endpoint",
    "endpoint",
    "job",
    "balance",
    "contract-paused",
    "channel",
    "disk-space",
  ]);
  assert.deepEqual(causes(mail.incidents).filter((cause) => cause !== "channel").length, 8);
  assert.deepEqual(causes(webhook.incidents), [
    "endpoint",
    "job",
    "contract-paused",
    "channel",
    "channel",
    "balance",
  ]);
  assert.deepEqual(causes(pagerduty.incidents), ["endpoint", "contract-paused", "balance"]);
  // The deduplication key is the incident's: one page a cause, whatever was sent again.
  for (const [key, { pages, status }] of pagerduty.pages) {
    assert.deepEqual([pages, status], [1, "resolved"], key);
    assert.ok(slack.incidents.keys.includes(key), key);
  }
  let doubled = 0;
  for (const record of [slack.incidents, mail.incidents, webhook.incidents]) {
    for (const key of record.keys) {
      const events = record.of(key);
      assert.equal(events[0], "trigger", key);
      assert.equal(events.at(-1), "resolve", key);
      assert.ok(record.count(key, "resolve") <= 2, key);
      doubled += record.count(key, "trigger") + record.count(key, "resolve") - 2;
    }
  }
  assert.ok(doubled <= SENDING_DEATHS * 3, `${doubled} were sent twice`);
});
