import assert from "node:assert/strict";
import { openJobs } from "../../jobs/open_jobs.ts";
import { jobOccurrence } from "../../jobs/observe_job.ts";
import { CHECKS_OF_JOBS } from "../../jobs/watched_checks.ts";
import { DEFAULT_RULES } from "../../lib/alerts/default_rules.ts";
import { SECURITY_RULES } from "../../lib/alerts/rules/security_rules.ts";
import type { SenderEventName } from "../../lib/chain/journal_entry.ts";
import { openAccess } from "../../lib/runtime/open_access.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { createAlertBench } from "../_fakes/alert_bench.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";
import { openInstallation } from "../_fakes/installation.ts";

Deno.test("openJobs() has jobs that all go well on a real chain, again and again", async () => {
  await using chain = await startChainFixture(["--slots-in-an-epoch", "1"]);
  const env = {
    RPC_URL: chain.devnet.rpcUrl,
    CHAIN_ID: String(chain.devnet.chainId),
    CONTRACT_ADDRESS: chain.contract,
    PRIVATE_KEY: chain.devnet.accounts[1]!.privateKey,
    POT_CONFIRMATIONS: "1",
    POT_DAILY_TRANSACTIONS: "100",
  };
  await using installation = await openInstallation({ env });
  await using opened = await openJobs(installation.runtime);
  const { recorder } = installation.runtime;
  const { signal } = new AbortController();
  const { tokens } = openAccess(installation.runtime.config, { clock: systemClock });
  await tokens.create({ name: "ci", role: "viewer", lifetimeMs: 90 * 86_400_000 });
  const summaries = new Map<string, string[]>();
  const seen = new Map<string, ReadonlySet<string>>();
  const ofJobs = new Set(Object.values(CHECKS_OF_JOBS).flat());
  for (let step = 1; step <= 3; step++) {
    await recorder.recordCheckpoint({ runId: "r", step });
    for (const { name, job } of opened.jobs) {
      const { summary, observations = [], occurrences = [] } = await job.run(signal);
      assert.ok(summary.length > 0, name);
      for (const { check, status, values = {}, reason } of observations) {
        assert.ok(CHECKS_OF_JOBS[name]?.includes(check), `${name} does not say that it observes ${check}`);
        // How full the disk is, is this machine's business.
        if (check !== "disk-space") assert.equal(status, "ok", `${check}: ${reason}`);
        seen.set(check, new Set([...seen.get(check) ?? [], ...Object.keys(values)]));
      }
      await opened.alerts.observe({ observations, occurrences });
      summaries.set(name, [...summaries.get(name) ?? [], summary]);
    }
  }
  assert.deepEqual(summaries.get("anchor")!.map((summary) => summary.slice(0, 18)), [
    "anchored 1 records",
    "anchored 1 records",
    "anchored 1 records",
  ]);
  assert.equal(summaries.size, opened.jobs.length);
  // What is observed has a rule, and the rules weigh what is observed, by its names.
  const weighed = DEFAULT_RULES.filter(({ check }) => check !== undefined && ofJobs.has(check));
  assert.deepEqual([...seen.keys()].filter((check) => !weighed.some((rule) => rule.check === check)), []);
  assert.deepEqual([...ofJobs].filter((check) => !seen.has(check)), ["backup", "restore-drill"]);
  for (const { name, check, when = { status: "degraded" } } of weighed) {
    if ("value" in when) {
      assert.ok(seen.get(check!)?.has(when.value), `${name}: ${check} has no ${when.value}`);
    }
  }
  const others = DEFAULT_RULES.flatMap(({ check }) =>
    check === undefined || ofJobs.has(check) ? [] : [check]
  );
  assert.deepEqual([...new Set(others)].sort(), ["alerts", "channel", "dead-letters", "job", "outbox"]);
});

Deno.test("openJobs() has alerts that let go of a chain that is not used any more", async () => {
  await using installation = await openInstallation();
  await using opened = await openJobs(installation.runtime);
  const observations = ["quorum", "log-writable"].map((check) =>
    ({ check, status: "failed", reason: "gone", atMs: Date.now() }) as const
  );
  await opened.alerts.observe({ observations });
  const { alerts } = await opened.alerts.view();
  assert.deepEqual(alerts.map(({ rule }) => rule), ["log-writable"]);
});

Deno.test("DEFAULT_RULES weighs everything that a sender and the job runner tell of, and nothing else", () => {
  // A name that is added to the type has to be added here.
  const ofSenders: Readonly<Record<SenderEventName, true>> = {
    "budget-exceeded": true,
    "clock-skew": true,
    "deadline-passed": true,
    "fee-capped": true,
    "finality-violated": true,
    "foreign-transaction": true,
    "nonce-gap-filled": true,
    "not-signed": true,
    reorganised: true,
  };
  const ofRunner: Readonly<Record<Parameters<typeof jobOccurrence>[0], true>> = {
    "job-crashed": true,
    "job-missed": true,
    "job-overrun": true,
  };
  // tests/lib/access/unusual_activity_test.ts has those of who may do what.
  const ofAccess = SECURITY_RULES.map(({ occurrence }) => occurrence);
  const weighed = DEFAULT_RULES.flatMap(({ occurrence }) => occurrence ?? []);
  const told = [...Object.keys(ofSenders), ...Object.keys(ofRunner), ...ofAccess];
  assert.deepEqual(weighed.toSorted(), told.toSorted());
});

Deno.test("DEFAULT_RULES make one incident of the runs that a daemon missed while it was away", async () => {
  const bench = createAlertBench();
  const names = ["anchor", "confirm", "health", "cost"];
  const detail = "9 runs were missed";
  const occurrences = names.map((name) =>
    jobOccurrence("job-missed", { name, key: "1", detail, atMs: bench.nowMs })
  );
  await bench.alerts.observe({ occurrences });
  await bench.pass(90);
  assert.deepEqual(bench.told("slack"), ["trigger job-missed", "resolve job-missed"]);
  assert.equal(
    bench.channels.slack.arrived[0]!.notification.message,
    "job-missed (anchor): 9 runs were missed (and 3 more)",
  );
});
