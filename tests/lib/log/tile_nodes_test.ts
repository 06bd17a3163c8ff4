import assert from "node:assert/strict";
import { createTileNodes } from "../../../lib/log/tile_nodes.ts";
import { ReferenceTree } from "../core/merkle/reference_tree.ts";

const reference = new ReferenceTree(256);

function tileOf(width: number): Uint8Array {
  const bytes = new Uint8Array(32 * width);
  reference.leaves.slice(0, width).forEach((leaf, i) => bytes.set(leaf, 32 * i));
  return bytes;
}

Deno.test("createTileNodes() has every complete subtree and no other, at every width", () => {
  for (let width = 1; width <= 256; width++) {
    const nodes = createTileNodes(tileOf(width));
    assert.equal(nodes.width, width);
    for (let height = 0; height <= 9; height++) {
      const count = height > 8 ? 0 : width >> height;
      for (let index = 0; index < count; index++) {
        const expected = reference.range(index << height, (index + 1) << height);
        assert.deepEqual(nodes.at(height, index), expected, `${index} at height ${height} of ${width}`);
      }
      assert.equal(nodes.at(height, count), undefined);
    }
  }
});

Deno.test("createTileNodes() keeps its own copy, and what it gives is the caller's", () => {
  const bytes = tileOf(256);
  const nodes = createTileNodes(bytes);
  bytes.fill(0);
  nodes.at(0, 3)!.fill(0);
  nodes.at(8, 0)!.fill(0);
  assert.deepEqual(nodes.at(0, 3), reference.leaves[3]);
  assert.deepEqual(nodes.at(8, 0), reference.root(256));
});
