import assert from "node:assert/strict";
import { levelSize, partialsPath, tilePath } from "../../../lib/log/tile_path.ts";

Deno.test("tilePath() writes paths as C2SP tlog-tiles does", () => {
  const cases: readonly (readonly [number | "entries", number, number, string])[] = [
    [0, 0, 256, "tile/0/000"],
    [0, 1234067, 256, "tile/0/x001/x234/067"],
    [63, 999, 256, "tile/63/999"],
    [1, 1000, 256, "tile/1/x001/000"],
    [0, 273, 112, "tile/0/273.p/112"],
    ["entries", 1234067, 8, "tile/entries/x001/x234/067.p/8"],
    ["entries", 7, 256, "tile/entries/007"],
  ];
  for (const [level, index, width, path] of cases) assert.equal(tilePath({ level, index }, width), path);
  assert.equal(partialsPath({ level: 0, index: 273 }), "tile/0/273.p");
});

Deno.test("levelSize() gives the spec's example of 70 000 leaves", () => {
  assert.deepEqual([0, 1, 2, 3].map((level) => levelSize(70_000, level)), [70_000, 273, 1, 0]);
});
