import assert from "node:assert/strict";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import type { Delivery } from "../../../lib/alerts/alert_channel.ts";
import { type AlertBench, createAlertBench, HOUR_MS, MINUTE_MS } from "../../_fakes/alert_bench.ts";
import { createFakeChannel } from "../../_fakes/fake_channel.ts";

const DISK: AlertRule = { name: "disk", check: "disk", severity: "error", runbook: "look" };
const DOWN = (): Delivery => ({ outcome: "retry", reason: "no answer" });

async function failOnce(bench: AlertBench, minutes = 1): Promise<void> {
  await bench.pass(minutes, () => bench.see("disk", "failed"));
  await bench.pass(1, () => bench.see("disk", "ok"));
}

Deno.test("deliver() sends nothing that is not durable", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  bench.store.beforeWrite = () => {
    throw new Error("no space left");
  };
  await assert.rejects(bench.see("disk", "failed"), /no space left/);
  await bench.deliver();
  assert.equal(bench.channels.slack.attempts, 0);
  delete bench.store.beforeWrite;
  await bench.see("disk", "failed");
  await bench.deliver();
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
});

Deno.test("deliver() sends what began and ended during an outage afterwards, both and in order", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  bench.channels.mail.answer = DOWN;
  await failOnce(bench);
  await bench.pass(120);
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
  const { attempts } = bench.channels.mail;
  assert.ok(attempts > 20 && attempts <= 122, `${attempts}`);
  bench.channels.mail.answer = () => undefined;
  await bench.pass(6);
  assert.deepEqual(bench.told("mail"), ["trigger disk", "resolve disk"]);
});

Deno.test("deliver() waits as long as the other side asks for, with everything", async () => {
  const bench = createAlertBench({ rules: [DISK, { ...DISK, name: "other" }] });
  bench.channels.slack.answer = () => ({ outcome: "retry", reason: "429", retryAfterMs: 20 * MINUTE_MS });
  await bench.pass(1, () => bench.see("disk", "failed"));
  assert.equal(bench.channels.slack.attempts, 1);
  bench.channels.slack.answer = () => undefined;
  await bench.pass(19, () => bench.see("disk", "failed"));
  assert.equal(bench.channels.slack.attempts, 1);
  await bench.pass(1, () => bench.see("disk", "failed"));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "trigger other"]);
});

Deno.test("deliver() lets no dead channel delay another, not even one that hangs", async () => {
  const bench = createAlertBench({ rules: [DISK], sendTimeoutMs: 30 });
  bench.channels.mail.answer = () => new Promise(() => {});
  await bench.see("disk", "failed");
  await bench.deliver();
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
  const view = await bench.alerts.view();
  assert.equal(view.channels.find(({ name }) => name === "mail")?.reason, "no answer within 0.03 s");
  // A round that is called while another one still waits for the channel that hangs.
  bench.nowMs += HOUR_MS;
  let isHanging = true;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  bench.channels.mail.answer = () => promise;
  const slow = bench.deliver().then(() => isHanging = false);
  await bench.see("disk", "ok");
  const quick = bench.deliver();
  while (bench.told("slack").length < 2) await new Promise((tick) => setTimeout(tick, 0));
  assert.ok(isHanging);
  resolve(undefined);
  await Promise.all([slow, quick]);
});

Deno.test("deliver() takes a channel that throws for one that did not answer", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  bench.channels.mail.answer = () => {
    throw new Error("bug at https://user:hunter2@mail.example/x");
  };
  await bench.pass(1, () => bench.see("disk", "failed"));
  const { reason } = (await bench.alerts.view()).channels.find(({ name }) => name === "mail")!;
  assert.equal(reason, "bug at https://[secret]@mail.example/[secret]");
});

Deno.test("deliver() tries one message at a time on a channel that does not answer", async () => {
  const rules = Array.from({ length: 40 }, (_, i): AlertRule => ({ ...DISK, name: `disk-${i}` }));
  const bench = createAlertBench({ rules });
  bench.channels.mail.answer = DOWN;
  await bench.pass(1, () => bench.see("disk", "failed"));
  assert.equal(bench.channels.mail.attempts, 1);
  for (let second = 0; second < 60; second++) {
    bench.nowMs += 1_000;
    await bench.deliver();
  }
  assert.ok(bench.channels.mail.attempts < 10, `${bench.channels.mail.attempts} in a minute`);
  await bench.pass(30, () => bench.see("disk", "failed"));
  assert.ok(bench.channels.mail.attempts <= 40, `${bench.channels.mail.attempts}`);
  bench.channels.mail.answer = () => undefined;
  await bench.pass(6, () => bench.see("disk", "failed"));
  assert.equal(bench.told("mail").filter((line) => /^trigger disk-/.test(line)).length, 40);
});

Deno.test("deliver() keeps to a channel's messages a minute, the worst first", async () => {
  const rules = Array.from({ length: 10 }, (_, i): AlertRule => ({
    ...DISK,
    name: `disk-${i}`,
    severity: i === 7 ? "critical" : "error",
  }));
  const bench = createAlertBench({ rules, ratePerMinute: { slack: 3 } });
  await bench.see("disk", "failed");
  await bench.deliver();
  assert.deepEqual(bench.told("slack"), ["trigger disk-7", "trigger disk-0", "trigger disk-1"]);
  assert.equal(bench.told("mail").length, 10);
  await bench.pass(1);
  assert.equal(bench.told("slack").length, 6);
  await bench.pass(5);
  assert.equal(bench.told("slack").length, 10);
});

Deno.test("deliver() puts what is refused into the dead letters, tells it elsewhere, and sends it on demand", async () => {
  const bench = createAlertBench();
  bench.channels.mail.answer = ({ kind }) =>
    kind === "trigger" ? { outcome: "refused", reason: "550 no such box" } : undefined;
  await bench.pass(2, () => bench.see("log-writable", "failed"));
  await bench.pass(1, () => bench.see("log-writable", "ok"));
  await bench.pass(3);
  assert.deepEqual(bench.told("mail"), []);
  const { deadLetters } = await bench.alerts.view();
  const [letter] = deadLetters;
  assert.deepEqual(
    deadLetters.map(({ channel, kind, reason, attempts }) => ({ channel, kind, reason, attempts })),
    [
      { channel: "mail", kind: "trigger", reason: "550 no such box", attempts: 1 },
    ],
  );
  assert.equal(letter!.message, "log-writable: log-writable is failed");
  const about = bench.told("slack").filter((line) => /channel-broken|dead-letters/.test(line));
  assert.deepEqual(about, ["trigger channel-broken"]);
  bench.channels.mail.answer = () => undefined;
  assert.equal((await bench.alerts.retryDeadLetters([letter!.id])).length, 1);
  await bench.pass(2);
  assert.deepEqual(bench.told("mail"), ["trigger log-writable", "resolve log-writable"]);
  assert.equal(bench.told("slack").at(-1), "resolve channel-broken");
  assert.deepEqual((await bench.alerts.view()).deadLetters, []);
});

Deno.test("deliver() keeps a refused channel out of its incident, and dropped letters out of sight", async () => {
  const bench = createAlertBench({ rules: [{ ...DISK, repeatMs: HOUR_MS }] });
  bench.channels.mail.answer = () => ({ outcome: "refused", reason: "401" });
  await failOnce(bench, 200);
  assert.equal(bench.channels.mail.attempts, 1);
  assert.equal((await bench.alerts.dropDeadLetters()).length, 1);
  await bench.pass(10);
  assert.equal(bench.channels.mail.attempts, 1);
});

Deno.test("deliver() gives a message up after a day, but never the end of what may have been told", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  bench.channels.mail.answer = DOWN;
  await failOnce(bench);
  await bench.pass(24 * 60 + 10);
  const { deadLetters, waiting } = await bench.alerts.view();
  assert.deepEqual(deadLetters.map(({ kind }) => kind), ["trigger"]);
  assert.equal(waiting, 1);
  bench.channels.mail.answer = () => undefined;
  await bench.pass(6);
  assert.deepEqual(bench.told("mail"), ["resolve disk"]);
});

Deno.test("deliver() tries what grew old while nothing ran before it gives it up", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  await bench.see("disk", "failed");
  bench.nowMs += 72 * HOUR_MS;
  bench.restart();
  await bench.deliver();
  assert.deepEqual(bench.told("mail"), ["trigger disk"]);
});

Deno.test("deliver() buries what waits for a channel that is not configured any more", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  await bench.see("disk", "failed");
  const slack = createFakeChannel("slack");
  bench.restart({ channels: [slack] });
  await bench.deliver();
  assert.equal(slack.arrived.length, 1);
  const { deadLetters, waiting } = await bench.alerts.view();
  assert.deepEqual(deadLetters.map(({ channel, reason }) => `${channel}: ${reason}`), [
    "mail: its channel is not configured any more",
  ]);
  assert.equal(waiting, 0);
});

Deno.test("a repeat stands for the one that still waits", async () => {
  const bench = createAlertBench({ rules: [{ ...DISK, repeatMs: HOUR_MS }] });
  await bench.pass(1, () => bench.see("disk", "failed"));
  bench.channels.mail.answer = DOWN;
  await bench.pass(5 * 60 + 30, () => bench.see("disk", "failed"));
  bench.channels.mail.answer = () => undefined;
  await bench.pass(10, () => bench.see("disk", "failed"));
  assert.deepEqual(bench.told("mail"), ["trigger disk", "repeat disk"]);
  assert.equal(bench.told("slack").length, 6);
});

Deno.test("update by several processes at once loses nothing", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  const others = [bench.alerts];
  for (let i = 0; i < 3; i++) {
    bench.restart();
    others.push(bench.alerts);
  }
  await Promise.all(
    others.flatMap((alerts, i) =>
      Array.from(
        { length: 5 },
        (_, j) => alerts.silence({ rule: `r${i}${j}`, forMs: HOUR_MS, reason: "x", by: "y" }),
      )
    ),
  );
  const { silences } = await bench.alerts.view();
  assert.equal(silences.length, 20);
  assert.equal(new Set(silences.map(({ id }) => id)).size, 20);
});

Deno.test("deliver() lets no message of an incident overtake another, though it is due and the other is not", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  bench.channels.mail.answer = DOWN;
  await bench.see("disk", "failed");
  await bench.deliver();
  bench.channels.mail.answer = () => undefined;
  await bench.see("disk", "ok");
  await bench.deliver();
  assert.deepEqual(bench.told("mail"), []);
  assert.equal(bench.channels.mail.attempts, 1);
  await bench.pass(1);
  assert.deepEqual(bench.told("mail"), ["trigger disk", "resolve disk"]);
});

Deno.test("a resolve stands for the repeats that still wait", async () => {
  const bench = createAlertBench({ rules: [{ ...DISK, repeatMs: HOUR_MS }] });
  await bench.pass(1, () => bench.see("disk", "failed"));
  bench.channels.mail.answer = DOWN;
  await failOnce(bench, 90);
  bench.channels.mail.answer = () => undefined;
  await bench.pass(6);
  assert.deepEqual(bench.told("mail"), ["trigger disk", "resolve disk"]);
});

Deno.test("retryDeadLetters() sends a trigger before the end that already waits", async () => {
  const bench = createAlertBench({ rules: [DISK] });
  bench.channels.mail.answer = DOWN;
  await failOnce(bench);
  await bench.pass(24 * 60 + 10);
  assert.deepEqual((await bench.alerts.retryDeadLetters()).map(({ kind }) => kind), ["trigger"]);
  bench.channels.mail.answer = () => undefined;
  await bench.pass(6);
  assert.deepEqual(bench.told("mail"), ["trigger disk", "resolve disk"]);
});
