import assert from "node:assert/strict";
import { mapInOrder } from "../../../lib/core/map_in_order.ts";

Deno.test("mapInOrder() keeps the order, and as many under way as it may", async () => {
  let underWay = 0;
  let most = 0;
  const finish: (() => void)[] = [];
  const work = async (item: number) => {
    most = Math.max(most, ++underWay);
    const { promise, resolve } = Promise.withResolvers<void>();
    finish.push(resolve);
    // The newest first.
    if (underWay === 3 || item === 9) { while (finish.length > 0) finish.pop()!(); }
    await promise;
    underWay--;
    return item * 2;
  };
  const items = Array.from({ length: 10 }, (_, i) => i);
  const results = await Array.fromAsync(mapInOrder(items, work, { concurrency: () => 3 }));
  assert.deepEqual(results, items.map((item) => item * 2));
  assert.equal(most, 3);
});

Deno.test("mapInOrder() takes an item only when it begins with it, and lets go of the rest", async () => {
  const taken: number[] = [];
  let isReturned = false;
  function* items() {
    try {
      for (let i = 0;; i++) {
        taken.push(i);
        yield i;
      }
    } finally {
      isReturned = true;
    }
  }
  for await (const item of mapInOrder(items(), (item) => Promise.resolve(item), { concurrency: () => 2 })) {
    assert.ok(taken.length <= item + 2);
    if (item === 3) break;
  }
  assert.ok(isReturned);
});

Deno.test("mapInOrder() throws the first error in order, after what came before it", async () => {
  const seen: number[] = [];
  await assert.rejects(async () => {
    const work = (item: number) => item < 2 ? Promise.resolve(item) : Promise.reject(new Error(`no ${item}`));
    for await (const item of mapInOrder([0, 1, 2, 3], work, { concurrency: () => 4 })) seen.push(item);
  }, /^Error: no 2$/);
  assert.deepEqual(seen, [0, 1]);
});
