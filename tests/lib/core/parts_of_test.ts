import assert from "node:assert/strict";
import { chunks, rotate } from "../../../lib/core/parts_of.ts";

Deno.test("chunks() keeps order and says where each begins", () => {
  assert.deepEqual(chunks([1, 2, 3, 4, 5], 2), [[0, [1, 2]], [2, [3, 4]], [4, [5]]]);
  assert.deepEqual(chunks([1, 2], 2), [[0, [1, 2]]]);
  assert.deepEqual(chunks([], 2), []);
});

Deno.test("rotate() begins elsewhere and keeps the order", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((by) => rotate(["a", "b", "c"], by).join("")), [
    "abc",
    "bca",
    "cab",
    "abc",
    "bca",
  ]);
});
