import assert from "node:assert/strict";
import { confirmJob } from "../../jobs/confirm_job.ts";
import { WritesPausedError } from "../../lib/chain/write_pause.ts";
import { PotError } from "../../lib/core/errors.ts";
import { LockHeldError } from "../../lib/io/lock_held_error.ts";

const { signal } = new AbortController();

Deno.test("confirmJob() sees transactions through, then refreshes anchors", async () => {
  const order: string[] = [];
  const job = confirmJob({
    chain: { settle: (options) => Promise.resolve(void order.push(`settle ${options?.signal === signal}`)) },
    recorder: {
      refreshAnchors: (options) => (order.push(`refresh ${options?.signal === signal}`), Promise.resolve(2)),
    },
  });
  assert.deepEqual([job.name, job.schedule], ["confirm", "* * * * *"]);
  assert.deepEqual(await job.run(signal), { summary: "2 anchors moved on" });
  assert.deepEqual(order, ["settle true", "refresh true"]);
});

Deno.test("confirmJob() refreshes anchors although sending fails, and fails all the same", async () => {
  let refreshed = 0;
  const job = confirmJob({
    chain: { settle: () => Promise.reject(new Error("no endpoint answers")) },
    recorder: { refreshAnchors: () => Promise.resolve(++refreshed) },
  });
  await assert.rejects(() => job.run(signal), { message: "no endpoint answers" });
  assert.equal(refreshed, 1);
});

Deno.test("confirmJob() says that writes are paused, and does not fail for it", async () => {
  const note = { reason: "operator", detail: "maintenance", since: "2026-01-31T12:00:00.000Z" } as const;
  const job = confirmJob({
    chain: { settle: () => Promise.reject(new WritesPausedError("send", note)) },
    recorder: { refreshAnchors: () => Promise.resolve(3) },
  });
  assert.deepEqual(await job.run(signal), {
    summary: "3 anchors moved on; what waits is not sent again as writes are paused (operator)",
  });
});

Deno.test("confirmJob() leaves what waits to another process that sends with the key, and does not fail for it", async () => {
  const held = new PotError("Cannot send as another process is sending with the same key", {
    cause: new LockHeldError("journal.lock"),
  });
  const job = confirmJob({
    chain: { settle: () => Promise.reject(held) },
    recorder: { refreshAnchors: () => Promise.resolve(3) },
  });
  assert.deepEqual(await job.run(signal), {
    summary: "3 anchors moved on; what waits is left to another process that sends with the key",
  });
});

Deno.test("confirmJob() brings proof files up to date, and tells of those that are none", async () => {
  let failures: string[] = [];
  const job = confirmJob({
    chain: { settle: () => Promise.resolve() },
    recorder: { refreshAnchors: () => Promise.resolve(1) },
    upgradeProofs: (options) => {
      assert.equal(options.signal, signal);
      return Promise.resolve({ upgradedCount: 2, failures });
    },
  });
  assert.deepEqual(await job.run(signal), {
    summary: "1 anchors moved on, 2 proof files brought up to date",
  });
  failures = ["a.pot-proof.json: Cannot read the proof"];
  assert.deepEqual(await job.run(signal), {
    summary:
      "1 anchors moved on, 2 proof files brought up to date, 1 left alone (a.pot-proof.json: Cannot read the proof)",
  });
});
