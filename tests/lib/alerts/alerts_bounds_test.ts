import assert from "node:assert/strict";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import { DEFAULT_RULES } from "../../../lib/alerts/default_rules.ts";
import { emptyState } from "../../../lib/alerts/engine/alert_state.ts";
import { formatState } from "../../../lib/alerts/engine/state_codec.ts";
import { createAlertBench } from "../../_fakes/alert_bench.ts";

const RUNBOOK = "look at it";

function rule(name: string, fields: Partial<AlertRule> = {}): AlertRule {
  return { name, check: name, severity: "error", runbook: RUNBOOK, ...fields };
}

Deno.test("createAlerts() keeps an incident open for alerts that are too many to follow", async () => {
  const bench = createAlertBench({ rules: [rule("disk")], limits: { alertsOfIncident: 5 } });
  const look = (failing: (index: number) => boolean) => () =>
    bench.alerts.observe({
      observations: Array.from({ length: 20 }, (_, i) => ({
        check: "disk",
        subject: `${i}`,
        status: failing(i) ? "failed" as const : "ok" as const,
        reason: `disk ${i}`,
        atMs: bench.nowMs,
      })),
    });
  await bench.pass(3, look(() => true));
  const [trigger] = bench.channels.slack.arrived;
  assert.equal(trigger?.notification.message, "disk (0): disk 0 (and 19 more)");
  assert.equal(trigger?.notification.alerts.length, 5);
  assert.equal(trigger?.notification.details["not listed"], "at least 15 more alerts");
  // Those that are followed recover first.
  await bench.pass(3, look((i) => i >= 5));
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
  await bench.pass(10, look(() => false));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
});

Deno.test("createAlerts() says so when more is wrong than it can follow, and stays within its bounds", async () => {
  const bench = createAlertBench({ limits: { alerts: 30 } });
  const look = (status: "ok" | "failed") => () =>
    bench.alerts.observe({
      observations: Array.from({ length: 100 }, (_, i) => ({
        check: "job",
        subject: `job-${i}`,
        status,
        reason: status,
        atMs: bench.nowMs,
      })),
    });
  await bench.pass(8, look("failed"));
  assert.deepEqual(bench.told("pager"), ["trigger too-many-alerts"]);
  assert.equal((await bench.alerts.view()).alerts.length, 31);
  await bench.pass(90, look("ok"));
  assert.equal(bench.told("pager").at(-1), "resolve too-many-alerts");
});

Deno.test("createAlerts() opens so many incidents and no more, but for the one that says so", async () => {
  const bench = createAlertBench({
    rules: [...DEFAULT_RULES, rule("disk", { groupBy: "subject" })],
    limits: { incidents: 5 },
  });
  await bench.pass(2, async () => {
    for (let i = 0; i < 8; i++) await bench.see("disk", "failed", { subject: `${i}` });
  });
  const { incidents } = await bench.alerts.view();
  assert.deepEqual(
    incidents.map(({ group }) => group),
    [..."01234"].map((i) => `disk ${i}`).concat("too-many-alerts"),
  );
});

Deno.test("createAlerts() counts a severity that it does not know as the worst", async () => {
  const bench = createAlertBench({ rules: [rule("disk", { severity: "catastrophic" as never })] });
  await bench.pass(1, () => bench.see("disk", "failed"));
  assert.deepEqual(bench.told("pager"), ["trigger disk"]);
});

Deno.test("createAlerts() keeps no secret, and cuts what is huge, binary or markup", async () => {
  const bench = createAlertBench({ rules: [rule("disk")] });
  const reason = `${"\u0000\u202e<b>".repeat(50_000)} https://user:hunter2@rpc.example/v2/s3cr3tpath`;
  const noSecret = {
    check: "disk",
    subject: "https://rpc.example/v2/s3cr3tpath",
    status: "failed" as const,
    atMs: 0,
  };
  await bench.alerts.observe({
    observations: [
      {
        ...noSecret,
        reason: "asked https://user:hunter2@rpc.example/v2/s3cr3tpath",
        details: { url: "https://rpc.example/v2/s3cr3tpath" },
      },
      {
        ...noSecret,
        subject: "b",
        reason,
        details: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`d${i}`, reason])),
      },
    ],
  });
  const { bytes } = (await bench.store.read("alerts"))!;
  const text = new TextDecoder().decode(bytes);
  assert.doesNotMatch(text, /hunter2|s3cr3tpath/);
  assert.ok(bytes.length < 60_000, `${bytes.length}`);
  await bench.deliver();
  for (const { notification } of bench.channels.slack.arrived) {
    assert.ok(JSON.stringify(notification).length < 30_000);
  }
});

Deno.test("createAlerts() refuses rules with mistakes, each by its name", () => {
  const open = (...rules: AlertRule[]) => createAlertBench({ rules });
  assert.throws(() =>
    open(
      rule("a", { occurrence: "b" }),
      rule("a"),
      rule("c", { inhibits: ["nothing"], forMs: -1, runbook: "" }),
      rule("D d"),
      rule("e", { when: { value: "x", above: 1, clearBelow: 2 } }),
      rule("f", { inhibits: ["g"] }),
      rule("g", { inhibits: ["f"], channels: ["fax"] }),
    ), {
    name: "UsageError",
    message: "Cannot use the alert rules as 10 things are wrong",
    facts: [
      "rule a: it must have a check or an occurrence, not both",
      "rule a: its name must be its own: another rule has it",
      "rule c: runbook must say the first step to try",
      "rule c: for must be a year at most",
      "rule c: inhibits must name rules or causes (nothing is none)",
      "rule D d: its name must be lowercase letters, digits and -, up to 40",
      "rule D d: check, occurrence and cause must be lowercase letters, digits and -",
      "rule e: it must clear on the other side of where it fires (fires at 1, clears at 2)",
      "rule g: channels must be configured ones (fax is not)",
      "rule f: it must not inhibit itself (f → g → f)",
    ],
  });
});

Deno.test("createAlerts() refuses the document of a newer program, and of none", async () => {
  const bench = createAlertBench();
  const text = formatState(emptyState());
  let version: string | undefined;
  const write = async (content: string) => {
    version = await bench.store.write("alerts", new TextEncoder().encode(content), { version });
  };
  await write(text.replace("pot-alerts/1", "pot-alerts/2"));
  await assert.rejects(bench.alerts.observe({}), {
    name: "UsageError",
    message: "Cannot read the state of alerts as a newer version of pot wrote it",
  });
  for (const broken of ["", "[]", "{}", text.replace('"outbox":[]', '"outbox":{}'), text.slice(1)]) {
    await write(broken);
    await assert.rejects(bench.alerts.view(), /^PotError: Cannot read the state of alerts as it/);
  }
  await write(text);
  await bench.alerts.observe({});
});
