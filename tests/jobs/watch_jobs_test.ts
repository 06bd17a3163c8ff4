import assert from "node:assert/strict";
import { auditJob } from "../../jobs/audit_job.ts";
import { costJob, type CostJobDeps } from "../../jobs/cost_job.ts";
import { digestJob } from "../../jobs/digest_job.ts";
import { healthJob } from "../../jobs/health_job.ts";
import { transactionsJob } from "../../jobs/transactions_job.ts";
import { watchdogJob } from "../../jobs/watchdog_job.ts";
import type { Delivery } from "../../lib/alerts/alert_channel.ts";
import type { Announcement } from "../../lib/alerts/alerts.ts";
import type { FollowedJournal } from "../../lib/chain/journal_follower.ts";
import { UnreachableError } from "../../lib/core/errors.ts";
import type { AuditReport } from "../../lib/recorder/audit_log.ts";

const signal = new AbortController().signal;
const NOW = Date.parse("2026-11-22T12:00:00Z");
const HOUR_MS = 3_600_000;
const clock = { now: () => NOW };
const never = () => Promise.reject(new Error("not asked for"));

Deno.test("healthJob() names what is not well, the worst first in its summary", async () => {
  const job = healthJob([
    { name: "a", look: () => Promise.resolve([{ status: "ok", reason: "fine" }]) },
    { name: "b", look: () => Promise.resolve([{ subject: "b-2", status: "degraded", reason: "slow" }]) },
    { name: "c", look: () => Promise.reject(new Error("broken")) },
  ], clock);
  const { summary, observations } = await job.run(signal);
  assert.equal(summary, "3 checks, 2 not ok: c failed, b-2 degraded");
  assert.deepEqual(observations?.map(({ check, status, atMs }) => [check, status, atMs]), [
    ["a", "ok", NOW],
    ["b", "degraded", NOW],
    ["c", "failed", NOW],
  ]);
});

const ETHER = 10n ** 18n;
const spend = (wei: bigint) => ({ transactions: 3, wei });
const journal = (changes: Partial<FollowedJournal> = {}): FollowedJournal =>
  ({
    live: [],
    settled: [],
    events: [],
    metrics: { costs: new Map([["anchor", { transactions: 3, records: 300, gas: 1n, wei: 3n * ETHER }]]) },
    spentOn: (day: string) => ({ day: spend(day === "2026-11-22" ? ETHER : 0n), month: spend(3n * ETHER) }),
    signedByHour: new Map(),
    ...changes,
  }) as unknown as FollowedJournal;

const cost = (deps: Partial<CostJobDeps>) =>
  costJob({
    journal: () => Promise.resolve(journal()),
    price: () => Promise.resolve({ perUnit: 2, currency: "USD", from: "url" }),
    limits: {},
    currency: "POL",
    alerts: {},
    clock,
    ...deps,
  }).run(signal);

Deno.test("costJob() shows day, month and projection in the chain's currency and in money", async () => {
  const { summary, observations } = await cost({});
  assert.equal(
    summary,
    "today 1 POL (2.00 USD), this month 3 POL (6.00 USD), projected 11 POL (22.00 USD)",
  );
  assert.deepEqual(observations?.map(({ check, subject, status }) => [check, subject, status]), [
    ["cost", "day", "ok"],
    ["cost", "month", "ok"],
    ["price", undefined, "ok"],
  ]);
  assert.deepEqual(observations?.[1]?.values, { spent: 6, projected: 22 });
  assert.deepEqual(observations?.[1]?.details, { "per record": "0.01 POL (0.020000 USD)" });
});

Deno.test("costJob() tells what is above a threshold, what will be, and how much of a budget is gone", async () => {
  const { observations } = await cost({
    alerts: { daily: 2, monthly: 20 },
    limits: { dailyTransactions: 3, monthlySpendWei: 4n * ETHER },
  });
  const seen = observations?.map(({ check, subject, status, values }) => [check, subject, status, values]);
  assert.deepEqual(seen?.slice(0, 4), [
    ["cost", "day", "failed", { spent: 2, projected: 2, limit: 2 }],
    ["cost", "month", "degraded", { spent: 6, projected: 22, limit: 20 }],
    ["budget", "day", "failed", { usedRatio: 1 }],
    ["budget", "month", "ok", { usedRatio: 0.75 }],
  ]);
});

Deno.test("costJob() goes on without a price, and says that it could not be asked", async () => {
  const { summary, observations } = await cost({ price: () => Promise.resolve(undefined) });
  assert.equal(summary, "today 1 POL, this month 3 POL, projected 11 POL");
  assert.equal(observations?.at(-1)?.reason, "no price is configured");
  const stale = await cost({
    price: () =>
      Promise.resolve({ perUnit: 2, currency: "USD", from: "earlier", failure: "Cannot read the price" }),
  });
  assert.deepEqual([stale.observations?.at(-1)?.status, stale.observations?.at(-1)?.reason], [
    "degraded",
    "Cannot read the price; using the last one",
  ]);
  const none = await cost({
    price: () => Promise.resolve({ from: "nowhere", failure: "Cannot read the price" }),
    alerts: { daily: 2 },
  });
  assert.deepEqual(none.observations?.map(({ check, status, reason }) => [check, status, reason]), [
    ["cost", "unknown", "1 POL this day, projected 1 POL"],
    ["cost", "ok", "3 POL this month, projected 11 POL"],
    [
      "price",
      "degraded",
      "Cannot read the price; there is no other, so nothing can be said of limits in money",
    ],
  ]);
  const first = await cost({ journal: () => Promise.resolve(undefined) });
  assert.equal(first.summary, "nothing was sent yet");
});

const hour = Math.floor(NOW / HOUR_MS);
/** So many a day, for so many days before the last 24 hours, and so many in those. */
const busy = (perDay: number, days: number, today: number) => {
  const hours = new Map<number, number>([[hour, today]]);
  for (let day = 1; day <= days; day++) hours.set(hour - 24 * day, perDay + day % 3);
  return journal({ signedByHour: hours });
};
const transactions = async (view: FollowedJournal | undefined, volumeLimit?: number) =>
  await transactionsJob({
    journal: () => Promise.resolve(view),
    checkRecent: () => Promise.resolve({ checked: 5, mismatches: [] }),
    stuckAfterMs: 180_000,
    clock,
    ...(volumeLimit === undefined ? {} : { volumeLimit }),
  }).run(signal);
const volume = async (view: FollowedJournal | undefined, volumeLimit?: number) => {
  const { status, reason } = (await transactions(view, volumeLimit)).observations![0]!;
  return [status, reason];
};

Deno.test("transactionsJob() holds the last day against the weeks before, and against a limit", async () => {
  assert.deepEqual(await volume(undefined), ["ok", "0 transactions in 24 h"]);
  assert.deepEqual(await volume(busy(144, 28, 150)), ["ok", "150 transactions in 24 h"]);
  assert.deepEqual(await volume(busy(144, 28, 600)), ["degraded", "600 transactions in 24 h, usual are 145"]);
  // One bad day among the weeks does not make the next one usual.
  const spoilt = new Map([...busy(144, 28, 600).signedByHour, [hour - 24, 5_000]]);
  assert.equal((await volume(journal({ signedByHour: spoilt })))[0], "degraded");
  // Nothing is usual yet after three days.
  assert.deepEqual(await volume(busy(144, 3, 600)), ["ok", "600 transactions in 24 h"]);
  assert.deepEqual(await volume(busy(1, 28, 18)), ["ok", "18 transactions in 24 h"]);
  assert.deepEqual(await volume(busy(144, 3, 600), 599), ["failed", "600 transactions in 24 h, above 599"]);
});

Deno.test("transactionsJob() tells what the chain does not hold, and that nobody could be asked", async () => {
  const look = async (checkRecent: Parameters<typeof transactionsJob>[0]["checkRecent"]) => {
    const job = transactionsJob({
      journal: () => Promise.resolve(undefined),
      checkRecent,
      stuckAfterMs: 1,
      clock,
    });
    const { status, reason } = (await job.run(signal)).observations![1]!;
    return [status, reason];
  };
  assert.deepEqual(await look(() => Promise.resolve({ checked: 2, mismatches: ["a", "b", "c"] })), [
    "failed",
    "a, and 2 more",
  ]);
  assert.deepEqual(await look(() => Promise.reject(new UnreachableError("Nobody answered"))), [
    "unknown",
    "Nobody answered",
  ]);
  await assert.rejects(look(() => Promise.reject(new TypeError("a bug"))), TypeError);
});

Deno.test("transactionsJob() measures how long the oldest has waited for a block", async () => {
  const waiting = (ageMs: number, forms: number) =>
    ({ signedAtMs: NOW - ageMs, forms: Array.from({ length: forms }) }) as unknown as FollowedJournal["live"][
      number
    ];
  const stuck = async (...live: readonly FollowedJournal["live"][number][]) => {
    const { status, reason } = (await transactions(journal({ live }))).observations![2]!;
    return [status, reason];
  };
  assert.deepEqual(await stuck(), ["ok", "none waits for a block"]);
  assert.deepEqual(await stuck(waiting(60_000, 1)), [
    "ok",
    "1 wait for a block, 0 of them replaced, the oldest for 60 s",
  ]);
  assert.equal((await stuck(waiting(361_000, 2), waiting(1, 1)))[0], "degraded");
  assert.equal((await stuck(waiting(721_000, 3)))[0], "failed");
  const mined = { ...waiting(9e9, 1), mined: {} } as unknown as FollowedJournal["live"][number];
  assert.deepEqual(await stuck(mined), ["ok", "none waits for a block"]);
});

Deno.test("transactionsJob() hands on what the sender told of in the last day, each under one id", async () => {
  const event = (name: string, atMs: number) =>
    ({ type: "event", chainId: 1, name, subject: "7", detail: "d", atMs }) as FollowedJournal["events"][
      number
    ];
  const view = journal({
    events: [event("reorganised", NOW - 25 * HOUR_MS), event("foreign-transaction", NOW - 1)],
  });
  const [first, second] = [await transactions(view), await transactions(view)];
  assert.deepEqual(first.occurrences, second.occurrences);
  assert.deepEqual(first.occurrences?.map(({ name, subject, id }) => [name, subject, id]), [
    ["foreign-transaction", "7", `sender 1 foreign-transaction 7 ${NOW - 1}`],
  ]);
});

const report = (changes: Partial<AuditReport>): AuditReport => ({
  outcome: "clean",
  origin: "pot/a",
  size: 12,
  root: "00",
  areas: [
    { area: "entries", outcome: "ok", detail: "12 entries" },
    { area: "contract", outcome: "ok", detail: "3 anchors" },
  ],
  findings: [],
  unknown: [],
  notes: [],
  ...changes,
});

Deno.test("auditJob() tells log and contract apart", async () => {
  const seen = async (changes: Partial<AuditReport>) =>
    (await auditJob(() => Promise.resolve(report(changes)), clock).run(signal)).observations?.map((
      { check, status, reason },
    ) => [check, status, reason]);
  assert.deepEqual(await seen({}), [
    ["audit", "ok", "12 records, 2 areas, nothing found"],
    ["reconciliation", "ok", "3 anchors"],
  ]);
  const findings = [{
    code: "entry-altered",
    area: "entries",
    count: 2,
    meaning: "",
    advice: "",
    examples: [],
  }] as const;
  assert.deepEqual(await seen({ outcome: "mismatch", findings }), [
    ["audit", "failed", "2 findings: entry-altered"],
    ["reconciliation", "ok", "3 anchors"],
  ]);
  const mute = [{ area: "contract", outcome: "unknown", detail: "nobody answered" }] as const;
  assert.deepEqual(await seen({ outcome: "unknown", unknown: ["the chain"], areas: mute }), [
    ["audit", "unknown", "the chain"],
    ["reconciliation", "unknown", "nobody answered"],
  ]);
  const skipped = [{ area: "contract", outcome: "skipped", detail: "no chain" }] as const;
  assert.equal((await seen({ areas: skipped }))?.length, 1);
});

Deno.test("watchdogJob() sends its heartbeat only when nothing is wrong", async () => {
  let sent = 0;
  const watch = async (problems: readonly string[], sendHeartbeat?: () => Promise<Delivery>) => {
    const job = watchdogJob({
      problems: () => Promise.resolve(problems),
      ...(sendHeartbeat === undefined ? {} : { sendHeartbeat }),
      clock,
    });
    const { observations } = await job.run(signal);
    return observations?.map(({ status, reason }) => [status, reason]);
  };
  const count = () => {
    sent++;
    return Promise.resolve<Delivery>({ outcome: "accepted" });
  };
  assert.deepEqual(await watch([], count), [["ok", "heartbeat sent"]]);
  assert.equal(sent, 1);
  assert.deepEqual(await watch(["the outbox is 40 min old", "job anchor is overdue"], count), [
    ["failed", "no heartbeat: the outbox is 40 min old; job anchor is overdue"],
  ]);
  assert.equal(sent, 1);
  assert.deepEqual(await watch([]), [["ok", "all is well; no dead-man service is configured"]]);
  assert.deepEqual(
    await watch([], () => Promise.resolve({ outcome: "retry", reason: "no answer in 15000 ms" })),
    [
      ["failed", "the heartbeat did not get out: no answer in 15000 ms"],
    ],
  );
  await assert.rejects(watch([], never), { message: "not asked for" });
});

Deno.test("digestJob() announces one summary a day", async () => {
  const announced: Announcement[] = [];
  const job = digestJob({
    digest: ({ sinceMs }) =>
      Promise.resolve({ headline: "All is well", details: { since: String(sinceMs) } }),
    alerts: { announce: (one) => Promise.resolve(void announced.push(one)) },
    clock,
  });
  assert.deepEqual(await job.run(signal), { summary: "All is well" });
  assert.deepEqual(announced, [{
    id: "digest 2026-11-22",
    severity: "info",
    message: "All is well",
    details: { since: String(NOW - 24 * HOUR_MS) },
  }]);
});
