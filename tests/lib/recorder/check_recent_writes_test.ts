import assert from "node:assert/strict";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import type { EvmAnchorFacts } from "../../../lib/chain/chain_client.ts";
import { createJournalFollower } from "../../../lib/chain/journal_follower.ts";
import { readJournal } from "../../../lib/chain/read_journal.ts";
import { UnreachableError } from "../../../lib/core/errors.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { checkRecentWrites } from "../../../lib/recorder/check_recent_writes.ts";
import type { Anchor } from "../../../lib/recorder/anchor_line.ts";
import { encodeStored } from "../../../lib/recorder/stored_hashes.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { headOf, startChainFixture } from "../../_fakes/chain_fixture.ts";

const hashOf = (n: number) => n.toString(16).padStart(64, "0");

Deno.test("recent writes on a real chain", async (t) => {
  await using fixture = await startChainFixture(["--slots-in-an-epoch", "1"]);
  const { devnet, contract, folder } = fixture;
  const storedPath = `${folder}/stored.jsonl`;
  const chainId = `eip155:${devnet.chainId}`;
  const endpoints = createEndpointPool({
    urls: [devnet.rpcUrl],
    chainId: devnet.chainId,
    clock: systemClock,
  });
  const address = devnet.accounts[1]!.address;
  using follower = createJournalFollower({ folder, address, chainId: devnet.chainId, files: denoFiles });
  assert.equal(await follower.read(), undefined);

  await using client = fixture.client();
  const facts = await client.anchor(headOf(5)) as EvmAnchorFacts;
  const anchor: Anchor = { ...headOf(5), facts };
  const first = await follower.read();
  const stored = [await client.storeHash(hashOf(1), "{}"), await client.storeHash(hashOf(2), "{}")];

  const noted = (index: number, hash = stored[index]!.hash) =>
    JSON.stringify(
      encodeStored(`${chainId} ${contract.toLowerCase()}`, BigInt(index), { ...stored[index]!, hash }),
    );
  const check = async (
    { anchors = [anchor], lines = [noted(0), noted(1)], sinceSeconds = 0, urls = [devnet.rpcUrl] } = {},
  ) => {
    await Deno.writeTextFile(storedPath, lines.map((line) => `${line}\n`).join(""));
    return await checkRecentWrites({
      endpoints: urls === undefined
        ? endpoints
        : createEndpointPool({ urls, chainId: devnet.chainId, clock: systemClock, rounds: 1 }),
      anchors: { list: () => Promise.resolve(anchors) },
      storedPath,
      files: denoFiles,
      chainId,
      sinceSeconds,
    });
  };

  await t.step(
    "createJournalFollower() reads on from where it was, and agrees with a fresh look",
    async () => {
      assert.equal(first?.metrics.signed, 1);
      const now = await follower.read();
      const fresh = await readJournal({ folder, address, chainId: devnet.chainId, files: denoFiles });
      assert.equal(now?.metrics.signed, 3);
      const today = new Date().toISOString().slice(0, 10);
      const seen = (view: Awaited<ReturnType<typeof follower.read>>) => ({
        ...view,
        spentOn: view?.spentOn(today),
      });
      assert.deepEqual(seen(now), seen(fresh));
      assert.deepEqual([...now!.signedByHour.values()].reduce((a, b) => a + b), 3);
      // Two at once do not count anything twice.
      const [a, b] = await Promise.all([follower.read(), follower.read()]);
      assert.deepEqual([seen(a), seen(b)], [seen(fresh), seen(fresh)]);
    },
  );

  await t.step("checkRecentWrites() finds everything as it is noted", async () => {
    assert.deepEqual(await check(), { checked: 3, mismatches: [] });
    assert.deepEqual(await check({ lines: [] }), { checked: 1, mismatches: [] });
  });

  await t.step("checkRecentWrites() tells another root, another hash and an unknown id", async () => {
    const other: Anchor = { ...anchor, root: new Uint8Array(32).fill(9) };
    const unknown = noted(1).replace(`"transactionId":"2"`, `"transactionId":"77"`);
    assert.deepEqual(await check({ anchors: [other], lines: [noted(0, hashOf(3)), unknown] }), {
      checked: 3,
      mismatches: [
        "the anchor of 5 records: Cannot confirm the anchor as its transaction does not hold the Anchored event",
        "id 1 does not hold the hash of record 0",
        "id 77 does not hold the hash of record 1",
      ],
    });
  });

  await t.step(
    "checkRecentWrites() tells a final anchor that left its block, and leaves a younger one alone",
    async () => {
      const elsewhere = { ...facts.inclusion!, blockHash: `0x${"77".repeat(32)}` };
      const final: Anchor = { ...anchor, facts: { ...facts, state: "final", inclusion: elsewhere } };
      assert.deepEqual((await check({ anchors: [final] })).mismatches, [
        "the final anchor of 5 records is not in its block any more",
      ]);
      const gone: EvmAnchorFacts = {
        ...facts,
        state: "confirmed",
        transactionHashes: [`0x${"11".repeat(32)}`],
      };
      assert.deepEqual((await check({ anchors: [{ ...anchor, facts: gone }] })).mismatches, []);
    },
  );

  await t.step(
    "checkRecentWrites() leaves older anchors, other chains and damaged lines to the audit",
    async () => {
      const later = facts.inclusion!.blockTime + 1;
      const elsewhere: Anchor = { ...anchor, facts: { ...facts, chainId: "eip155:1" } };
      const lines = ["{", "[]", noted(0).replace(chainId, "eip155:1")];
      assert.deepEqual(await check({ anchors: [elsewhere], lines }), { checked: 0, mismatches: [] });
      assert.deepEqual(await check({ sinceSeconds: later, lines: [] }), { checked: 0, mismatches: [] });
    },
  );

  await t.step("checkRecentWrites() calls an outage no mismatch", async () => {
    await assert.rejects(check({ urls: ["http://127.0.0.1:1"] }), UnreachableError);
  });
});
