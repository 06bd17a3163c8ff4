import assert from "node:assert/strict";
import fc from "fast-check";
import { createSeededRandom, shuffle, xorshift32 } from "../../../cli/demo/seeded_random.ts";

Deno.test("xorshift32() gives the known sequence of the shifts 13, 17, 5", () => {
  const states: number[] = [];
  for (let state = 1; states.length < 4;) states.push(state = xorshift32(state));
  assert.deepEqual(states, [270369, 67634689, 2647435461, 307599695]);
});

Deno.test("createSeededRandom() repeats itself for a seed and differs between neighbours", () => {
  const take = (seed: number) => Array.from({ length: 5 }, createSeededRandom(seed));
  assert.deepEqual(take(7), take(7));
  const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => Math.floor(take(seed)[0]! * 1e6)));
  assert.ok(firsts.size > 990, `only ${firsts.size} different first numbers`);
});

Deno.test("createSeededRandom() is uniform from 0 to below 1", () => {
  for (const seed of [0, 1, 1936, 2 ** 32 - 1]) {
    const random = createSeededRandom(seed);
    const bins = new Uint32Array(10);
    for (let i = 0; i < 20_000; i++) {
      const value = random();
      assert.ok(value >= 0 && value < 1);
      bins[Math.floor(value * 10)]!++;
    }
    // 2000 expected a bin, standard deviation 42.
    assert.ok(bins.every((count) => Math.abs(count - 2000) < 5 * 42), `seed ${seed}: ${bins}`);
  }
});

Deno.test("shuffle() keeps every item", () => {
  fc.assert(fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
    const shuffled = shuffle([...items], createSeededRandom(seed));
    const sort = (values: number[]) => [...values].sort((a, b) => a - b);
    assert.deepEqual(sort(shuffled), sort(items));
  }));
});

Deno.test("shuffle() makes each order about as often", () => {
  const random = createSeededRandom(5);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffle(["a", "b", "c"], random).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const [order, count] of counts) assert.ok(Math.abs(count - 1000) < 150, `${order}: ${count}`);
});
