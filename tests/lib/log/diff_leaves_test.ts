import assert from "node:assert/strict";
import fc from "fast-check";
import { diffLeaves, type LeafChange } from "../../../lib/log/diff_leaves.ts";

const LEAVES = Array.from({ length: 12 }, (_, i) => `leaf ${i}`);

Deno.test("diffLeaves() tells what was done to one leaf", () => {
  const cases: readonly (readonly [readonly string[], readonly LeafChange[]])[] = [
    [LEAVES, []],
    [LEAVES.with(4, "x"), [{ kind: "altered", slot: 4 }]],
    [LEAVES.with(4, LEAVES[7]!).with(7, LEAVES[4]!), [{ kind: "swapped", slot: 4, other: 7 }]],
    [LEAVES.toSpliced(4, 1), [{ kind: "missing", slot: 4 }]],
    [LEAVES.toSpliced(0, 1), [{ kind: "missing", slot: 0 }]],
    [LEAVES.slice(0, -2), [{ kind: "missing", slot: 10 }, { kind: "missing", slot: 11 }]],
    [LEAVES.toSpliced(4, 0, "x"), [{ kind: "added", slot: 4 }]],
    [[...LEAVES, "x"], [{ kind: "added", slot: 12 }]],
    [LEAVES.with(2, "x").toSpliced(8, 1), [{ kind: "altered", slot: 2 }, { kind: "missing", slot: 8 }]],
    [[], LEAVES.map((_, slot) => ({ kind: "missing", slot }))],
  ];
  for (const [found, changes] of cases) assert.deepEqual(diffLeaves(LEAVES, found).changes, changes);
});

Deno.test("diffLeaves() finds every leaf that is still there, whatever was dropped", () => {
  const kept = fc.uniqueArray(fc.nat(40), { maxLength: 30 }).map((places) => places.sort((a, b) => a - b));
  fc.assert(fc.property(kept, (places) => {
    const expected = Array.from({ length: 41 }, (_, i) => String(i));
    const { changes, foundAt } = diffLeaves(expected, places.map(String));
    assert.deepEqual(foundAt.flatMap((at, slot) => at === undefined ? [] : [slot]), places);
    assert.ok(changes.every(({ kind }) => kind === "missing"));
  }));
});
