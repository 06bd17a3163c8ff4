import assert from "node:assert/strict";
import { rebuildRounds } from "./rebuild_rounds.ts";

Deno.test("pot log rebuild reads everything about once through a bad endpoint and three kills", async () => {
  const figures = await rebuildRounds({
    hashes: 300,
    anchors: 60,
    perBlock: 10,
    emptyBlocks: 260,
    rangeLimit: 10,
    killOneIn: 10,
    seed: 7,
    interruptions: [
      { what: "blocks", count: 200 },
      { what: "hashes", count: 150 },
      { what: "anchors", count: 42 },
    ],
  });
  assert.ok(figures.killedRequests > 0 && figures.refusedRanges > 0, JSON.stringify(figures));
  // A request that died is asked again, and so is what was under way when the client was killed: 8 requests, of 32 hashes each, or of one
  // anchor, or 4 of 10 blocks. Without going on where it was, each would be above.
  assert.ok(figures.perHash.mean < 2.2, JSON.stringify(figures));
  assert.ok(figures.perAnchor.mean < 1.55, JSON.stringify(figures));
  assert.ok(figures.perBlockOfLogs.mean < 1.55, JSON.stringify(figures));
});
