import { rebuildRounds } from "./rebuild_rounds.ts";

// 10 000 stored hashes and 500 anchors, an endpoint that gives logs of 100 blocks and kills one request in ten, two SIGKILLs:
// deno task rebuild:long [seed]
const seed = Number(Deno.args[0] ?? Date.now() % 100_000);
console.log(`seed ${seed}`);
const figures = await rebuildRounds({
  hashes: 10_000,
  anchors: 500,
  emptyBlocks: 5_000,
  rangeLimit: 100,
  killOneIn: 10,
  seed,
  interruptions: [{ what: "hashes", count: 5_000 }, { what: "anchors", count: 250 }],
});
const { perHash, perAnchor, perBlockOfLogs } = figures;
const shown = (name: string, { mean, most }: typeof perHash) =>
  `${name.padEnd(24)} fetched ${mean.toFixed(3)} times on average, ${most} at most`;
console.log([
  `chain of ${figures.blocks} blocks, filled in ${figures.fillSeconds.toFixed(1)} s`,
  `rebuilt in ${
    figures.rebuildSeconds.toFixed(1)
  } s over ${figures.interruptions} interruptions: complete, each item checked`,
  `requests ${figures.requests}, of them killed ${figures.killedRequests}, ranges refused ${figures.refusedRanges}`,
  shown("10 000 stored hashes", perHash),
  shown("500 anchors", perAnchor),
  shown("each block's events", perBlockOfLogs),
].join("\n"));
