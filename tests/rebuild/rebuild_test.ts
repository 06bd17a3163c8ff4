import assert from "node:assert/strict";
import { rebuildRounds } from "./rebuild_rounds.ts";

Deno.test("pot log rebuild reads everything about once through a bad endpoint and two kills", async () => {
  const figures = await rebuildRounds({
    hashes: 300,
    anchors: 30,
    perBlock: 10,
    emptyBlocks: 60,
    rangeLimit: 10,
    killOneIn: 10,
    seed: 7,
    interruptions: [{ what: "hashes", share: 0.4 }, { what: "anchors", share: 0.4 }],
  });
  assert.ok(figures.killedRequests > 0 && figures.refusedRanges > 0, JSON.stringify(figures));
  // A killed request asks again, and an interruption for what was under way: 8 requests, of 32 hashes at most.
  assert.ok(figures.perHash.mean < 2.2, JSON.stringify(figures));
  assert.ok(figures.perAnchor.mean < 2, JSON.stringify(figures));
  assert.ok(figures.perBlockOfLogs.mean < 1.5, JSON.stringify(figures));
});
