import fc from "fast-check";
import assert from "node:assert/strict";
import type { AlertChannel, Notification } from "../../../lib/alerts/alert_channel.ts";
import { createEmailChannel } from "../../../lib/alerts/email_channel.ts";
import { emailMessage } from "../../../lib/alerts/email_message.ts";
import { createPagerDutyChannel } from "../../../lib/alerts/pagerduty_channel.ts";
import { SEVERITIES } from "../../../lib/alerts/severity.ts";
import { createSlackChannel } from "../../../lib/alerts/slack_channel.ts";
import { createSlackWebhookChannel } from "../../../lib/alerts/slack_webhook_channel.ts";
import { createWebhookChannel } from "../../../lib/alerts/webhook_channel.ts";
import { notification } from "../../_fakes/notification.ts";
import { startPagerDutyServer } from "../../_fakes/pagerduty_server.ts";
import { startSlackServer } from "../../_fakes/slack_server.ts";
import { startMailServer } from "../../_fakes/smtp_server.ts";
import { startWebhookServer } from "../../_fakes/webhook_server.ts";

const MEGABYTE = 1_048_576;
const PIECES = [
  "<!channel> <!here> <!everyone> <@U123> <#C123> <https://evil.example|click> @channel @HERE",
  "&&&&<<<<>>>>\"''",
  "*bold* _it_ ~no~ `code` ```block``` > quote :rotating_light:",
  "<script>alert(1)</script><img src=x onerror=alert(1)></td></table>",
  "x\r\nBcc: thief@example.net\r\n\r\n.\r\nQUIT\r\n",
  "\u0000\u0001\u001b[2J\u0007\u009b",
  "\ud800\udfff\udc00",
  "\u202e\u2066\u200f\ufeff\u{e0041}",
  "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇩🇪",
  `Z${"\u0301".repeat(500)}`,
  "\u2028\u2029\u0085\v\f",
  "__proto__",
  "${jndi:ldap://x}{{7*7}}%s%n",
  " ",
  "",
] as const;

const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join("")),
  },
  {
    weight: 2,
    arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
      .map((units) => String.fromCharCode(...units)),
  },
  // Megabytes of one thing.
  {
    weight: 1,
    arbitrary: fc.constantFrom(...PIECES.filter((piece) => piece !== ""))
      .map((piece) => piece.repeat(Math.ceil(MEGABYTE / piece.length))),
  },
);

const hostile: fc.Arbitrary<Notification> = fc.record({
  kind: fc.constantFrom("trigger", "repeat", "escalate", "acknowledge", "resolve", "message"),
  severity: fc.constantFrom(...SEVERITIES),
  message: text,
  source: text,
  runbook: text,
  details: fc.oneof(
    fc.array(fc.tuple(text, text), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    text.map((value) => Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}`, value]))),
  ),
  alerts: fc.oneof(
    fc.constant([]),
    fc.tuple(text, fc.constantFrom(1, 2, 10_000)).map(([value, count]) =>
      Array<Notification["alerts"][number]>(count).fill({
        fingerprint: value,
        rule: value,
        subject: value,
        state: "firing",
        severity: "error",
        message: value,
        since: "2026-11-22T10:00:00.000Z",
      })
    ),
  ),
}).map((parts) => notification({ ...parts, id: crypto.randomUUID() }));

Deno.test("No content makes a channel's service refuse a notification, or means anything there", async () => {
  await using slack = startSlackServer();
  await using pagerduty = startPagerDutyServer();
  await using webhook = startWebhookServer();
  const { signal } = new AbortController();
  const minSeverity = "info";
  const channels: readonly AlertChannel[] = [
    createSlackChannel({ token: slack.token, channel: slack.channel.id, apiUrl: slack.apiUrl, minSeverity }),
    createSlackWebhookChannel({ url: slack.webhookUrl, minSeverity }),
    createPagerDutyChannel({ url: pagerduty.url, routingKey: pagerduty.routingKey, minSeverity }),
    createWebhookChannel({ url: webhook.hookUrl, secret: webhook.secret, minSeverity, clock: Date }),
  ];
  const threads = new Map<string, string>();
  await fc.assert(
    fc.asyncProperty(hostile, async (told) => {
      for (const channel of channels) {
        const thread = threads.get(channel.name);
        const delivery = await channel.send(told, { ...(thread === undefined ? {} : { thread }), signal });
        assert.equal(delivery.outcome, "accepted", `${channel.name}: ${JSON.stringify(delivery)}`);
        if ("thread" in delivery && delivery.thread !== undefined) threads.set(channel.name, delivery.thread);
      }
      const { key } = told;
      for (const { incidents } of [slack, webhook]) assert.ok(incidents.keys.every((known) => known === key));
      const { subject, html, text: body } = emailMessage(told, { domain: "a.example" });
      assert.ok(subject.length <= 180 && !/\p{Cc}/u.test(subject), subject);
      assert.deepEqual(
        html.match(/<(?!\/?(?:html|head|body|p|strong|table|tr|th|td|br|ul|li|hr|meta|!doctype)\b)/g),
        null,
      );
      assert.doesNotMatch(html, /<[^>]*\bon\w+=/i);
      assert.ok(body.length < 120_000 && html.length < 500_000, String(html.length));
      assert.ok(slack.requests.every(({ body }) => body.length < 100_000));
    }),
    { numRuns: 60 },
  );
  assert.deepEqual([slack.refusals, pagerduty.refusals, webhook.refusals], [[], [], []]);
  assert.deepEqual([slack.mentions, slack.warnings], [[], []]);
});

Deno.test("No content makes a mail server refuse a mail, or adds a header", async () => {
  await using server = await startMailServer({ isImplicitTls: true });
  const { signal } = new AbortController();
  const channel = createEmailChannel({
    server: server.server,
    from: "pot@training.example",
    to: ["ops@example.org"],
    minSeverity: "info",
    isTlsRequired: true,
    certificateAuthorities: [server.certificate],
  });
  await channel.send(notification(), { signal });
  const known = server.mails[0]!.headers;
  await fc.assert(
    fc.asyncProperty(hostile, async (told) => {
      const delivery = await channel.send(told, { signal });
      assert.equal(delivery.outcome, "accepted", JSON.stringify(delivery));
      const { headers, recipients } = server.mails.at(-1)!;
      assert.deepEqual([headers, recipients], [known, ["ops@example.org"]]);
    }),
    { numRuns: 12 },
  );
});
