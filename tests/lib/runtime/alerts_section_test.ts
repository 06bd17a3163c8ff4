import assert from "node:assert/strict";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import { DEFAULT_RULES } from "../../../lib/alerts/default_rules.ts";
import { parseAlertsSection } from "../../../lib/runtime/sections/alerts_section.ts";

function parse(value: unknown) {
  const mistakes: string[] = [];
  const config = parseAlertsSection(value, mistakes);
  return { config, mistakes, rule: (name: string) => config.rules.find((rule) => rule.name === name) };
}

const builtIn = (name: string): AlertRule => DEFAULT_RULES.find((rule) => rule.name === name)!;

Deno.test("parseAlertsSection() leaves the built-in rules as they are when nothing is said", () => {
  const { config, mistakes } = parse({});
  assert.deepEqual(mistakes, []);
  assert.deepEqual(config, { rules: DEFAULT_RULES, escalateTo: [], maintenance: [], ratePerMinute: {} });
});

Deno.test("parseAlertsSection() changes what is named of a rule, and nothing else", () => {
  const { rule, config, mistakes } = parse({
    rules: {
      "endpoint-slow": false,
      "endpoint-lag": { enabled: false, for: "1h" },
      "balance-low": { below: 30, clearAbove: 45, repeat: "2d", channels: ["slack"], missing: false },
      "disk-full": { for: "0", severity: { failed: "error" }, escalateAfter: "5m" },
      audit: { missing: { after: "4d", severity: "error" } },
    },
  });
  assert.deepEqual(mistakes, []);
  assert.equal(config.rules.length, DEFAULT_RULES.length - 2);
  const { missing: _missing, ...balance } = builtIn("balance-low");
  assert.deepEqual(rule("balance-low"), {
    ...balance,
    when: { value: "runwayDays", below: 30, clearAbove: 45 },
    repeatMs: 172_800_000,
    channels: ["slack"],
  });
  assert.deepEqual(rule("disk-full"), {
    ...builtIn("disk-full"),
    forMs: 0,
    severity: { failed: "error" },
    escalateAfterMs: 300_000,
  });
  assert.deepEqual(rule("audit")?.missing, { afterMs: 345_600_000, severity: "error" });
});

Deno.test("parseAlertsSection() turns a condition round without keeping the other limit", () => {
  const { rule, mistakes } = parse({
    rules: { "disk-space": { above: 0.5 }, "balance-low": { status: "failed" } },
  });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(rule("disk-space")?.when, { value: "freeRatio", above: 0.5 });
  assert.deepEqual(rule("balance-low")?.when, { status: "failed" });
});

Deno.test("parseAlertsSection() adds rules", () => {
  const { rule, mistakes } = parse({
    rules: {
      "gpu-hot": {
        check: "gpu",
        subject: "gpu-*",
        value: "celsius",
        above: 90,
        clearBelow: 80,
        severity: "warning",
        for: "5m",
        clearFor: "90s",
        groupBy: "subject",
        inhibits: ["job:anchor"],
        runbook: "look at the fans",
      },
      "door-opened": { occurrence: "door-opened", severity: "catastrophic", runbook: "close it" },
    },
  });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(rule("gpu-hot"), {
    name: "gpu-hot",
    check: "gpu",
    subject: "gpu-*",
    when: { value: "celsius", above: 90, clearBelow: 80 },
    severity: "warning",
    forMs: 300_000,
    clearForMs: 90_000,
    groupBy: "subject",
    inhibits: ["job:anchor"],
    runbook: "look at the fans",
  });
  // A word that is no severity counts as the worst.
  assert.equal(rule("door-opened")?.severity, "critical");
});

Deno.test("parseAlertsSection() reads maintenance and rates", () => {
  const { config, mistakes } = parse({
    escalateTo: ["email"],
    ratePerMinute: { slack: 30 },
    maintenance: [{
      rule: "endpoint-*",
      subject: "endpoint-2",
      from: "2026-12-01T04:00Z",
      until: "2026-12-01T06:00:30Z",
      reason: "moves house",
      by: "ana",
    }],
  });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(config.escalateTo, ["email"]);
  assert.deepEqual(config.ratePerMinute, { slack: 30 });
  assert.deepEqual(config.maintenance, [{
    id: "maintenance-0",
    rule: "endpoint-*",
    subject: "endpoint-2",
    reason: "moves house",
    by: "ana",
    fromMs: Date.UTC(2026, 11, 1, 4),
    untilMs: Date.UTC(2026, 11, 1, 6, 0, 30),
  }]);
});

Deno.test("parseAlertsSection() refuses channels that there are none of", () => {
  assert.equal(parse({ escalateTo: ["emial"] }).mistakes.length, 1);
  assert.equal(parse({ ratePerMinute: { Slack: 30 } }).mistakes.length, 1);
});

Deno.test("parseAlertsSection() names every mistake with its rule", () => {
  const { mistakes } = parse({
    channels: [],
    escalateTo: "email",
    ratePerMinute: { slack: 0 },
    maintenance: [{ rule: "a", from: "tomorrow", reason: "", by: "ana" }, { until: "2026-12-01T04:00Z" }],
    rules: {
      job: { for: "soon", colour: "red", inhibits: "audit" },
      "balance-low": { above: "high", clearAbove: 1, below: 1 },
      audit: { status: "ok", groupBy: "day", missing: { after: 5 } },
      new: { check: "gpu" },
      other: {},
      "disk-full": 7,
      cost: { severity: 3 },
    },
  });
  assert.deepEqual(mistakes, [
    "alerts.channels in pot.jsonc is no setting (known: rules, escalateTo, maintenance, ratePerMinute)",
    "alerts.rules.job.colour in pot.jsonc is no setting (known: enabled, check, occurrence, subject, status, value, above, clearBelow, below, clearAbove, severity, for, clearFor, missing, cause, groupBy, inhibits, repeat, escalateAfter, channels, runbook)",
    'alerts.rules.job.for in pot.jsonc must be a time such as "90s", "10m", "6h" or "2d"',
    "alerts.rules.job.inhibits in pot.jsonc must be a list of names",
    "alerts.rules.balance-low.above in pot.jsonc must be a number",
    'alerts.rules.audit.groupBy in pot.jsonc must be "cause" or "subject"',
    'alerts.rules.audit.status in pot.jsonc must be "degraded", "failed" or "unknown"',
    'alerts.rules.audit.missing.after in pot.jsonc must be a time such as "90s", "10m", "6h" or "2d"',
    "alerts.rules.audit.missing.severity in pot.jsonc must be info, warning, error or critical",
    "alerts.rules.new.severity in pot.jsonc must be given: info, warning, error or critical",
    "alerts.rules.new.runbook in pot.jsonc must be given: the first step to try",
    "alerts.rules.other in pot.jsonc must be a rule that is built in (pot alerts rules), or have a check or an occurrence",
    "alerts.rules.other.severity in pot.jsonc must be given: info, warning, error or critical",
    "alerts.rules.other.runbook in pot.jsonc must be given: the first step to try",
    'alerts.rules.disk-full in pot.jsonc must be false, or an object such as { "severity": "error", "for": "10m" }',
    'alerts.rules.cost.severity in pot.jsonc must be a severity, or an object such as { "degraded": "warning", "failed": "critical" }',
    'alerts.escalateTo in pot.jsonc must be a list of channels such as ["email"] (there are slack, slack-webhook, pagerduty, email, webhook)',
    "alerts.maintenance[0].reason in pot.jsonc must be given: why",
    "alerts.maintenance[0].from in pot.jsonc must be a UTC time such as 2026-12-01T06:00Z",
    "alerts.maintenance[0].until in pot.jsonc must be a UTC time such as 2026-12-01T06:00Z",
    "alerts.maintenance[1] in pot.jsonc must be about a rule or a subject",
    "alerts.maintenance[1].reason in pot.jsonc must be given: why",
    "alerts.maintenance[1].by in pot.jsonc must be given: who says so",
    'alerts.ratePerMinute in pot.jsonc must give messages a minute from 1 to 10000 by channel, such as { "slack": 30 } (there are slack, slack-webhook, pagerduty, email, webhook)',
  ]);
  assert.deepEqual(
    parse({ rules: { "balance-low": { below: 9, clearAbove: 8 }, job: { inhibits: ["nobody"] } } }).mistakes,
    [
      "alerts.rules in pot.jsonc: rule balance-low: it must clear on the other side of where it fires (fires at 9, clears at 8)",
      "alerts.rules in pot.jsonc: rule job: inhibits must name rules or causes (nobody is none)",
    ],
  );
});
