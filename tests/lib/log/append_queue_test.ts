import assert from "node:assert/strict";
import { createAppendQueue } from "../../../lib/log/append_queue.ts";

/** A queue whose commits wait for a gate, as for a lock. */
function gatedQueue({ maxBatch = 10 } = {}) {
  const batches: (readonly number[])[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const queue = createAppendQueue<number, string>({
    maxBatch,
    async commit(take, signal) {
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      signal.addEventListener("abort", () => gate.reject(signal.reason), { once: true });
      await gate.promise;
      const items = take();
      batches.push(items);
      return items.map((item) =>
        item < 0
          ? { status: "rejected", reason: new Error(`bad ${item}`) }
          : { status: "fulfilled", value: `#${item}` }
      );
    },
  });
  return { queue, batches, gates };
}

Deno.test("push() commits in one batch what came in before the lock was granted", async () => {
  const { queue, batches, gates } = gatedQueue();
  const results = [1, 2, 3].map((item) => queue.push(item));
  gates[0]!.resolve();
  assert.deepEqual(await Promise.all(results), ["#1", "#2", "#3"]);
  assert.deepEqual(batches, [[1, 2, 3]]);
});

Deno.test("push() splits what is more than a batch, in order", async () => {
  const { queue, batches, gates } = gatedQueue({ maxBatch: 2 });
  const results = [1, 2, 3].map((item) => queue.push(item));
  gates[0]!.resolve();
  await results[1];
  await Promise.resolve();
  gates[1]!.resolve();
  await Promise.all(results);
  assert.deepEqual(batches, [[1, 2], [3]]);
});

Deno.test("push() rejects the one item that failed", async () => {
  const { queue, gates } = gatedQueue();
  const results = [1, -2, 3].map((item) => queue.push(item));
  gates[0]!.resolve();
  await assert.rejects(() => results[1]!, { message: "bad -2" });
  assert.deepEqual([await results[0], await results[2]], ["#1", "#3"]);
});

Deno.test("push() rejects everyone who waits when the lock cannot be had, and works again afterwards", async () => {
  const { queue, gates } = gatedQueue();
  const results = [1, 2].map((item) => queue.push(item));
  gates[0]!.reject(new Error("no lock"));
  for (const result of results) await assert.rejects(() => result, { message: "no lock" });
  const next = queue.push(3);
  await Promise.resolve();
  gates[1]!.resolve();
  assert.equal(await next, "#3");
});

Deno.test("push() takes back an item whose signal aborts before the lock is granted", async () => {
  const { queue, batches, gates } = gatedQueue();
  const controller = new AbortController();
  const kept = queue.push(1);
  const taken = queue.push(2, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(() => taken, { message: "enough" });
  gates[0]!.resolve();
  assert.equal(await kept, "#1");
  assert.deepEqual(batches, [[1]]);
  await assert.rejects(() => queue.push(3, { signal: controller.signal }), { message: "enough" });
});

Deno.test("push() stops waiting for the lock when nobody waits, yet serves who comes then", async () => {
  const { queue, batches, gates } = gatedQueue();
  const controller = new AbortController();
  const given = queue.push(1, { signal: controller.signal });
  controller.abort(new Error("enough"));
  const late = queue.push(2);
  await assert.rejects(() => given, { message: "enough" });
  await assert.rejects(() => gates[0]!.promise);
  await Promise.resolve();
  gates[1]!.resolve();
  assert.equal(await late, "#2");
  assert.deepEqual(batches, [[2]]);
});

Deno.test("push() answers an item whose signal aborts after it was taken", async () => {
  const { queue, gates } = gatedQueue();
  const controller = new AbortController();
  const result = queue.push(1, { signal: controller.signal });
  gates[0]!.resolve();
  await gates[0]!.promise;
  controller.abort();
  assert.equal(await result, "#1");
  await queue.drain();
});
