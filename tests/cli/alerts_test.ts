import assert from "node:assert/strict";
import { join } from "node:path";
import { createAlerts } from "../../lib/alerts/create_alerts.ts";
import { DEFAULT_RULES } from "../../lib/alerts/default_rules.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { openFileStateStore } from "../../lib/io/file_state_store.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { createFakeChannel } from "../_fakes/fake_channel.ts";

const OPERATOR = { USER: "ana" };

/** A home folder, and the daemon's side of its alerts. */
async function createHome() {
  const cli = await createCli({ env: { POT_CHAIN: "local", POT_ALERT_SOURCE: "pot-prod", ...OPERATOR } });
  const pager = createFakeChannel("pager");
  const mail = createFakeChannel("mail");
  const alerts = createAlerts({
    rules: DEFAULT_RULES,
    channels: [pager, mail],
    store: openFileStateStore(join(cli.folder, ".pot", "state"), { files: denoFiles }),
    clock: systemClock,
    source: "pot on host-1",
    origin: "pot/test",
  });
  const see = (status: "ok" | "failed") =>
    alerts.observe({ observations: [{ check: "audit", status, reason: "3 findings", atMs: Date.now() }] });
  const deliver = () => alerts.deliver({ signal: new AbortController().signal });
  return { cli, alerts, pager, mail, see, deliver };
}

Deno.test("pot alerts list says what fires and what to try, and acknowledge stops it, beside a daemon", async () => {
  const { cli, pager, see, deliver } = await createHome();
  await using _ = cli;
  assert.equal((await cli.run("alerts", "list")).out, "nothing fires\n");
  await see("failed");
  await deliver();
  const listed = await cli.run("alerts", "list");
  assert.equal(listed.code, 0);
  assert.match(
    listed.out,
    /^STATE +SEVERITY +SINCE +FINGERPRINT +SUBJECT +MESSAGE\nfiring +critical +20\S+Z +audit-[0-9a-f]{12} +- +3 findings\n\naudit: Run pot log audit/,
  );
  const { alerts, incidents } = (await cli.run("alerts", "list", "--json")).json;
  const [{ fingerprint, incident }] = alerts;
  assert.equal(incidents[0].key, incident);
  const acknowledged = await cli.run("alerts", "acknowledge", fingerprint, "--note", "on it", "--json");
  assert.deepEqual(acknowledged.json, { incident, by: "ana", note: "on it" });
  await see("failed");
  await deliver();
  assert.deepEqual(pager.arrived.map(({ notification: { kind } }) => kind), ["trigger", "acknowledge"]);
  assert.match(pager.arrived[1]!.notification.source, /^pot-prod@/);
  assert.match((await cli.run("alerts", "list")).out, /\nacknowledged +critical/);
  await see("ok");
  assert.equal((await cli.run("alerts", "list")).out.split("\n")[0], "nothing fires");
  assert.match((await cli.run("alerts", "list", "--all")).out, /\nresolved +critical/);
  const gone = await cli.run("alerts", "acknowledge", fingerprint);
  assert.deepEqual([gone.code, gone.err.split("\n")[0]], [
    1,
    "error: Cannot acknowledge as nothing of that name fires",
  ]);
});

Deno.test("pot alerts silence, silences and expire", async () => {
  const { cli, pager, see, deliver } = await createHome();
  await using _ = cli;
  const silenced = await cli.run("alerts", "silence", "audit", "--for", "2h", "--reason", "known", "--json");
  const { id, from, until, ...rest } = silenced.json;
  assert.deepEqual(rest, { rule: "audit", reason: "known", by: "ana" });
  assert.equal(Date.parse(until) - Date.parse(from), 7_200_000);
  await see("failed");
  await deliver();
  assert.equal(pager.arrived.length, 0);
  assert.match((await cli.run("alerts", "list")).out, /\nsilenced .*3 findings \(quiet: known\)\n/);
  assert.match(
    (await cli.run("alerts", "silences")).out,
    new RegExp(`\n${id} +audit +\\* +20\\S+ +ana +known\n$`),
  );
  assert.equal((await cli.run("alerts", "expire", id)).out, `${id} has ended\n`);
  assert.equal((await cli.run("alerts", "silences")).out, "nothing is silent\n");
  assert.equal((await cli.run("alerts", "expire", id)).code, 1);
  await see("failed");
  await deliver();
  assert.equal(pager.arrived.length, 1);
  for (
    const [wrong, message] of [
      [["nothing-like-it", "--for", "2h"], "Cannot add the silence as no rule or cause has that name"],
      [["audit", "--for", "soon"], "--for must be a time such as 90s, 10m, 6h or 2d"],
      [["audit", "--for", "91d"], "Cannot add the silence as it must end, within 90 days from now"],
    ] as const
  ) {
    const { code, err } = await cli.run("alerts", "silence", ...wrong, "--reason", "x");
    assert.deepEqual([code, err.split("\n")[0]], [2, `error: ${message}`]);
  }
});

Deno.test("pot alerts dead-letters lists, sends again and forgets", async () => {
  const { cli, mail, see, deliver } = await createHome();
  await using _ = cli;
  assert.equal((await cli.run("alerts", "dead-letters")).out, "everything was delivered\n");
  mail.answer = () => ({ outcome: "refused", reason: "550 no such box" });
  await see("failed");
  await deliver();
  assert.match(
    (await cli.run("alerts", "dead-letters", "list")).out,
    /\nmail +trigger +20\S+ +1 +\S+ +550 no such box +audit: 3 findings\n$/,
  );
  assert.match(
    (await cli.run("alerts", "list")).out,
    /\nmail: 0 waiting, refused what it was sent at 20\S+ \(550 no such box\)\n1 could not be delivered/,
  );
  const [{ id }] = (await cli.run("alerts", "dead-letters", "--json")).json.deadLetters;
  assert.equal((await cli.run("alerts", "dead-letters", "retry", "none")).code, 1);
  mail.answer = () => undefined;
  assert.equal((await cli.run("alerts", "dead-letters", "retry", id)).out, "1 message back in the outbox\n");
  await deliver();
  assert.equal(mail.arrived.length, 1);
  mail.answer = () => ({ outcome: "refused", reason: "550 no such box" });
  await see("ok");
  await deliver();
  assert.equal((await cli.run("alerts", "dead-letters", "drop")).out, "1 message dropped\n");
  assert.equal((await cli.run("alerts", "dead-letters")).out, "everything was delivered\n");
});

Deno.test("pot alerts rules shows them as pot.jsonc leaves them, and refuses mistakes by their rule", async () => {
  await using cli = await createCli({ env: { POT_CHAIN: "local" } });
  await cli.write(
    "pot.jsonc",
    JSON.stringify({
      alerts: {
        rules: { "endpoint-slow": false, "balance-low": { below: 30, clearAbove: 45, severity: "error" } },
      },
    }),
  );
  const { rules } = (await cli.run("alerts", "rules", "--json")).json;
  assert.equal(rules.length, DEFAULT_RULES.length - 1);
  assert.deepEqual(rules.find(({ name }: { name: string }) => name === "balance-low").when, {
    value: "runwayDays",
    below: 30,
    clearAbove: 45,
  });
  assert.match(
    (await cli.run("alerts", "rules")).out,
    /\nbalance-low +balance +runwayDays < 30, or silent for 120 min +10 min +error +balance\n/,
  );
  await cli.write(
    "pot.jsonc",
    JSON.stringify({ alerts: { rules: { audit: { inhibits: ["nobody"] }, job: { for: "soon" } } } }),
  );
  const wrong = await cli.run("alerts", "rules");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /alerts\.rules\.job\.for in pot\.jsonc must be a time/);
});
