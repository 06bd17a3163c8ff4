import assert from "node:assert/strict";
import { join } from "node:path";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import {
  decodeRebuildFrame,
  encodeRebuildFrame,
  type RebuildFrame,
} from "../../../lib/recorder/rebuild_frames.ts";
import { lockRebuild, openRebuildProgress } from "../../../lib/recorder/rebuild_progress.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const CONTRACT = `0x${"C0".repeat(20)}` as const;
const WORD = `0x${"ab".repeat(32)}` as const;
const open = (folder: string, contract: `0x${string}` = CONTRACT) =>
  openRebuildProgress(join(folder, "x.progress"), { files: denoFiles, chainId: "eip155:1", contract });

const HASH_EVENT = {
  kind: "hash",
  transactionId: 1n,
  hashTopic: WORD,
  submitter: CONTRACT,
  timestamp: 7,
  blockNumber: 2n ** 80n,
  transactionHash: WORD,
} as const;
const ANCHOR_EVENT = {
  kind: "anchor",
  submitter: CONTRACT,
  size: 3n,
  root: WORD,
  previous: WORD,
  transactionHash: WORD,
  blockNumber: 5n,
  blockHash: WORD,
} as const;
const FRAMES: readonly RebuildFrame[] = [
  { type: "pin", number: 9n, hash: WORD, timestamp: 1 },
  { type: "range", toBlock: 5n, rangeBlocks: 100, events: [HASH_EVENT, ANCHOR_EVENT] },
  { type: "range", toBlock: 9n, rangeBlocks: 200, events: [{ ...HASH_EVENT, transactionId: 2n }] },
  {
    type: "hashes",
    first: 1n,
    hashes: [
      {
        transactionId: "1",
        hash: "h",
        metadata: "\u0000n12 \u0000s \n ü",
        timestamp: 1,
        blockNumber: 2n,
        submitter: "s",
      },
      null,
    ],
  },
  { type: "anchor", at: 0n, evmBlockNumber: 4n, anchor: { size: "3" } },
];

Deno.test("encodeRebuildFrame() and decodeRebuildFrame() are inverse, whatever anybody stored", () => {
  for (const frame of [...FRAMES, { type: "writing" } as const]) {
    assert.deepEqual(decodeRebuildFrame(encodeRebuildFrame(frame)), frame);
  }
  for (const other of ["{}", "null", '{"type":"other"}']) {
    assert.throws(() => decodeRebuildFrame(new TextEncoder().encode(other)), /of another version of pot/);
  }
});

Deno.test("openRebuildProgress() goes on where it was, without its torn end", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "x.progress");
    {
      using progress = await open(folder);
      assert.equal(progress.state.scannedTo, -1n);
      for (const frame of FRAMES) await progress.append(frame);
    }
    // Cut off in the middle of the last frame, as by a kill.
    await Deno.truncate(path, (await Deno.stat(path)).size - 3);
    using progress = await open(folder);
    assert.deepEqual(progress.state, {
      pin: { number: 9n, hash: WORD, timestamp: 1 },
      scannedTo: 9n,
      rangeBlocks: 200,
      nextId: 3n,
      hashCount: 2n,
      anchorCount: 1n,
      factCount: 0n,
      isWriting: false,
    });
    await progress.append(FRAMES[4]!);
    await progress.append({ type: "writing" });
    assert.deepEqual([progress.state.factCount, progress.state.isWriting], [1n, true]);
    const events = await Array.fromAsync(progress.events());
    assert.deepEqual(events.map((event) => event.kind === "hash" ? event.transactionId : event.size), [
      1n,
      3n,
      2n,
    ]);
    assert.deepEqual((await Array.fromAsync(progress.hashes())).map(({ id, stored }) => [id, stored?.hash]), [
      [1n, "h"],
      [2n, undefined],
    ]);
    assert.deepEqual(await Array.fromAsync(progress.facts()), [FRAMES[4]]);
    await progress.remove();
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  }));

Deno.test("openRebuildProgress() is of one contract, and lockRebuild() held by one", () =>
  inTemporaryFolder(async (folder) => {
    {
      using _first = await lockRebuild(folder, denoFiles);
      await assert.rejects(lockRebuild(folder, denoFiles), {
        message: "Cannot rebuild as another process is rebuilding into this folder",
      });
    }
    using _second = await lockRebuild(folder, denoFiles);
    using _first = await open(folder);
    await assert.rejects(open(folder, `0x${"C1".repeat(20)}`), {
      message: "Cannot go on with the rebuild as its progress is of another contract",
    });
  }));
