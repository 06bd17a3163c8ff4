import assert from "node:assert/strict";
import { createSendWaiters } from "../../../lib/chain/send_waiters.ts";
import type { MinedTransaction, SendRequest } from "../../../lib/chain/transaction_sender.ts";

const request = (key: string): SendRequest => ({ key, purpose: "anchor", data: "0x" });
const mined = { blockNumber: 7n } as MinedTransaction;
/** A clock that stands until it is moved. */
const createClock = () => {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  return clock;
};

Deno.test("createSendWaiters() settles those who wait for at most that depth", async () => {
  const waiters = createSendWaiters(createClock(), 1_000);
  const shallow = waiters.add(request("a"), { depth: 1 });
  const deep = waiters.add(request("a"), { depth: 3 });
  const other = waiters.add(request("b"), { depth: 1 });
  assert.deepEqual(waiters.list().map(({ key, depths }) => [key, depths]), [["a", [1, 3]], ["b", [1]]]);
  waiters.settle("a", { depth: 2, mined });
  assert.equal(await shallow, mined);
  assert.deepEqual(waiters.list().map(({ key, depths }) => [key, depths]), [["a", [3]], ["b", [1]]]);
  waiters.settle("a", { depth: 3, mined, error: new Error("reverted") });
  await assert.rejects(deep, { message: "reverted" });
  waiters.rejectAll(new Error("closed"));
  await assert.rejects(other, { message: "closed" });
  assert.equal(waiters.size(), 0);
});

Deno.test("createSendWaiters() ends a wait with its signal's reason, and only that one", async () => {
  const waiters = createSendWaiters(createClock(), 1_000);
  const controller = new AbortController();
  const impatient = waiters.add(request("a"), { depth: 1, signal: controller.signal });
  const patient = waiters.add(request("a"), { depth: 1 });
  controller.abort(new Error("enough"));
  await assert.rejects(impatient, { message: "enough" });
  waiters.settle("a", { depth: 1, mined });
  assert.equal(await patient, mined);
});

Deno.test("createSendWaiters() lets patience start anew with each progress, not with the same one twice", async () => {
  const clock = createClock();
  const waiters = createSendWaiters(clock, 1_000);
  const wait = waiters.add(request("a"), { depth: 1 });
  const expire = () => waiters.expire((key) => new Error(`${key} took too long`));
  clock.nowMs = 900;
  waiters.progress("a", "block 1");
  clock.nowMs = 1_800;
  waiters.progress("a", "block 1");
  expire();
  assert.equal(waiters.size(), 1);
  clock.nowMs = 1_900;
  expire();
  await assert.rejects(wait, { message: "a took too long" });
  assert.equal(waiters.size(), 0);
});

Deno.test("createSendWaiters() grants each caller one new attempt", async () => {
  const waiters = createSendWaiters(createClock(), 1_000);
  const first = waiters.add(request("a"), { depth: 1 });
  assert.equal(waiters.isRetried("a"), true);
  assert.equal(waiters.isRetried("a"), false);
  const second = waiters.add(request("a"), { depth: 1 });
  assert.equal(waiters.isRetried("a"), true);
  assert.equal(waiters.isRetried("nobody's"), false);
  waiters.reject("a", new Error("lost"));
  for (const wait of [first, second]) await assert.rejects(wait, { message: "lost" });
});
