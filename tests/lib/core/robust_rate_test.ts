import fc from "fast-check";
import assert from "node:assert/strict";
import { comparePattern, isOutOfPattern, medianOf } from "../../../lib/core/robust_rate.ts";

const USUAL = [58, 61, 60, 59, 63, 60, 57, 62, 60, 61];

Deno.test("medianOf() takes the middle, or the mean of two", () => {
  assert.equal(medianOf([]), 0);
  assert.equal(medianOf([5]), 5);
  assert.equal(medianOf([9, 1, 5]), 5);
  assert.equal(medianOf([9, 1, 5, 7]), 6);
});

Deno.test("isOutOfPattern() tells a burst from what is usual", () => {
  assert.equal(isOutOfPattern(USUAL, 66), false);
  assert.equal(isOutOfPattern(USUAL, 300), true);
  assert.equal(isOutOfPattern(USUAL, 0), false, "only what is above counts unless asked");
  assert.equal(isOutOfPattern(USUAL, 0, { side: "below" }), true);
  assert.equal(isOutOfPattern(USUAL, 300, { side: "below" }), false);
  assert.equal(isOutOfPattern(USUAL, 0, { side: "both" }), true);
});

Deno.test("isOutOfPattern() says nothing before there is a history, nor of what is no number", () => {
  assert.equal(isOutOfPattern(USUAL.slice(0, 7), 300), false);
  assert.equal(isOutOfPattern(USUAL.slice(0, 7), 300, { leastHistory: 7 }), true);
  assert.equal(isOutOfPattern([], 300, { leastHistory: 0 }), false);
  assert.equal(isOutOfPattern(USUAL, NaN), false);
  assert.equal(isOutOfPattern([...USUAL.slice(0, 7), NaN, Infinity], 300), false);
});

Deno.test("isOutOfPattern() is not fooled by outliers in the history", () => {
  assert.equal(isOutOfPattern([...USUAL, 5_000, 6_000, 7_000, 8_000], 300), true);
});

Deno.test("isOutOfPattern() judges an even history by its least spread, and a quiet one by its least difference", () => {
  const even = Array.from({ length: 20 }, () => 60);
  assert.equal(isOutOfPattern(even, 90), false, "half as much again is within six tenths");
  assert.equal(isOutOfPattern(even, 97), true);
  const quiet = Array.from({ length: 20 }, () => 0);
  assert.equal(isOutOfPattern(quiet, 1), true);
  assert.equal(isOutOfPattern(quiet, 0), false);
  assert.equal(isOutOfPattern(quiet, 5, { leastDifference: 5 }), false);
  assert.equal(isOutOfPattern(quiet, 6, { leastDifference: 5 }), true);
});

Deno.test("comparePattern() gives median, spread and score", () => {
  const { median, spread, score } = comparePattern(USUAL, 72);
  assert.equal(median, 60);
  assert.equal(spread, 6, "a tenth of the median, as the deviation is smaller");
  assert.equal(score, 2);
  const wide = comparePattern([10, 20, 30, 40, 50, 60, 70, 80, 90], 50);
  assert.equal(wide.median, 50);
  assert.ok(Math.abs(wide.spread - 20 * 1.4826) < 1e-9);
  // More than half is one value: the mean deviation, here 90 / 9.
  assert.ok(Math.abs(comparePattern([5, 5, 5, 5, 5, 5, 5, 5, 95], 5).spread - 10 * 1.2533) < 1e-9);
});

Deno.test("isOutOfPattern() follows scale, order and median", () => {
  const values = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 8, maxLength: 40 });
  fc.assert(fc.property(values, fc.integer({ min: 0, max: 100_000 }), (history, value) => {
    const isOut = isOutOfPattern(history, value);
    assert.equal(isOutOfPattern(history.toReversed(), value), isOut);
    assert.equal(isOutOfPattern(history.map((one) => one * 8), value * 8), isOut);
    assert.equal(isOutOfPattern(history, medianOf(history), { side: "both" }), false);
  }));
});
