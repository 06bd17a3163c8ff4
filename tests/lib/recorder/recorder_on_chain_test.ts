import assert from "node:assert/strict";
import type { ChainClient, EvmAnchorFacts } from "../../../lib/chain/chain_client.ts";
import { createFallbackClient } from "../../../lib/chain/fallback_client.ts";
import { createRpcEndpoint } from "../../../lib/chain/rpc_endpoint.ts";
import { UnreachableError } from "../../../lib/core/errors.ts";
import type { AnchorStore } from "../../../lib/recorder/anchor_store.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { startFaultProxy } from "../../_fakes/fault_proxy.ts";
import {
  localClientIn,
  makeTempFolder,
  openRecorder,
  recordSteps,
  verifierKey,
} from "../../_fakes/recorder_fixture.ts";

const down = () => ({ kind: "status", status: 503 }) as const;

Deno.test("createRecorder() on a chain of its own", async (t) => {
  await using chain = await startChainFixture();
  const { devnet, contract } = chain;
  const endpoints = [createRpcEndpoint(devnet.rpcUrl)];
  const sentBy = async (account: number) =>
    Number(await devnet.request("eth_getTransactionCount", [devnet.accounts[account]!.address, "latest"]));
  /** A recorder whose journal lies in its folder, as in an installation. */
  const open = (folder: string, account: number, more: {
    readonly chain?: ChainClient;
    readonly anchoring?: "each";
    readonly wrapAnchors?: (store: AnchorStore) => AnchorStore;
  } = {}) =>
    openRecorder(folder, {
      contract,
      chain: chain.client({ account, journalFolder: `${folder}/journal` }),
      ...more,
    });

  await t.step("anchors many records in one transaction, and sends none where none waits", async () => {
    await using folder = await makeTempFolder();
    await using opened = await open(folder.path, 1);
    const { recorder } = opened;
    const ids = await recordSteps(recorder, 1, 40);
    const { recordCount, anchor } = await recorder.anchorPending();
    assert.deepEqual([recordCount, anchor?.facts.state, await sentBy(1)], [40, "confirmed", 1]);
    assert.deepEqual(await recorder.anchorPending(), { recordCount: 0, storedCount: 0, anchor });
    assert.equal(await sentBy(1), 1);
    const first = await recorder.prove(ids[3]!);

    const [late] = await recordSteps(recorder, 41, 45);
    assert.equal((await recorder.anchorPending()).recordCount, 5);
    assert.equal(await sentBy(1), 2);
    assert.deepEqual((await recorder.status()).records, {
      pending: 0,
      local: 0,
      anchored: 0,
      confirmed: 45,
      final: 0,
    });
    const expected = { endpoints, logKey: verifierKey, contract, submitter: devnet.accounts[1]!.address };
    for (const proof of [first, await recorder.prove(ids[3]!), await recorder.prove(late!)]) {
      const { ok, level, state } = await verifyProof(proof, expected);
      assert.deepEqual([ok, level, state], [true, "L1", "confirmed"]);
    }
    await devnet.request("anvil_mine", ["0x50"]);
    assert.equal(await recorder.refreshAnchors(), 2);
    assert.equal(await recorder.refreshAnchors(), 0);
    const final = await recorder.prove(late!);
    assert.deepEqual(await verifyProof(final, expected).then(({ level, state }) => [level, state]), [
      "L1",
      "final",
    ]);
    // What a verifier does not need is not told.
    assert.doesNotMatch(
      JSON.stringify(final.anchors, (_, value) => typeof value === "bigint" ? String(value) : value),
      /gasUsed|Price/,
    );
  });

  await t.step(
    "completes an anchor whose process died before it was noted, without a second transaction",
    async () => {
      await using folder = await makeTempFolder();
      {
        const dying = (store: AnchorStore): AnchorStore => ({
          ...store,
          put: () => Promise.reject(new Error("killed")),
          [Symbol.dispose]: () => store[Symbol.dispose](),
        });
        await using opened = await open(folder.path, 2, { wrapAnchors: dying });
        await recordSteps(opened.recorder, 1, 3);
        await assert.rejects(() => opened.recorder.anchorPending(), { message: "killed" });
        assert.equal(await sentBy(2), 1);
      }
      await using opened = await open(folder.path, 2);
      assert.equal((await opened.recorder.status()).records.pending, 3);
      const { recordCount, anchor } = await opened.recorder.anchorPending();
      assert.deepEqual([recordCount, anchor?.facts.state], [3, "confirmed"]);
      assert.equal(await sentBy(2), 1);
      await recordSteps(opened.recorder, 4, 5);
      assert.equal((await opened.recorder.anchorPending()).recordCount, 2);
      assert.equal(await sentBy(2), 2);
    },
  );

  await t.step("sends one transaction although two anchor at once", async () => {
    await using folder = await makeTempFolder();
    await using one = await open(folder.path, 3);
    await using two = await open(folder.path, 3);
    await recordSteps(one.recorder, 1, 4);
    const outcomes = await Promise.all([
      one.recorder.anchorPending(),
      two.recorder.anchorPending(),
      one.recorder.anchorPending(),
    ]);
    assert.deepEqual(outcomes.map(({ recordCount }) => recordCount).sort(), [0, 0, 4]);
    assert.equal(await sentBy(3), 1);
    // Whichever came first has the key's journal from then on.
    const { recorder } = outcomes[1]?.recordCount === 4 ? two : one;
    // More records between: each call covers what it finds.
    await recordSteps(recorder, 5, 6);
    const calls = [recorder.anchorPending()];
    await recordSteps(recorder, 7, 8);
    calls.push(recorder.anchorPending());
    const counts = (await Promise.all(calls)).map(({ recordCount }) => recordCount);
    assert.equal(counts[0]! + counts[1]!, 4);
    assert.equal((await two.recorder.status()).records.pending, 0);
  });

  await t.step("says local while no endpoint answers, and anchors it all once one does", async () => {
    await using folder = await makeTempFolder();
    await using proxy = startFaultProxy(devnet.rpcUrl, { fault: down });
    const primary = chain.client({ account: 4, journalFolder: `${folder.path}/journal`, urls: [proxy.url] });
    await using opened = await open(folder.path, 4, {
      chain: createFallbackClient(primary, localClientIn(folder.path)),
    });
    const { recorder } = opened;
    const [id] = await recordSteps(recorder, 1, 3);
    const outage = await recorder.anchorPending();
    assert.deepEqual([outage.recordCount, outage.anchor?.facts.state], [3, "local"]);
    // Still owed to the chain, but said once: the ledger does not grow by asking again.
    assert.deepEqual((await recorder.anchorPending()).anchor, outage.anchor);
    assert.equal((await opened.anchors.list()).length, 1);
    assert.deepEqual((await recorder.status()).records, {
      pending: 0,
      local: 3,
      anchored: 0,
      confirmed: 0,
      final: 0,
    });
    assert.deepEqual(await verifyProof(await recorder.prove(id!)).then(({ ok, state }) => [ok, state]), [
      true,
      "local",
    ]);

    await recordSteps(recorder, 4, 5);
    proxy.fault = () => undefined;
    const back = await recorder.anchorPending();
    assert.deepEqual([back.recordCount, back.anchor?.facts.kind, back.anchor?.size], [5, "evm", 5n]);
    assert.equal(await sentBy(4), 1);
    const proof = await recorder.prove(id!);
    assert.deepEqual(proof.anchors.map(({ kind, size }) => [kind, size]), [["local", 3n], ["evm", 5n]]);
    assert.deepEqual(await verifyProof(proof, { endpoints }).then(({ level, state }) => [level, state]), [
      "L1",
      "confirmed",
    ]);
    assert.equal((await recorder.status()).records.confirmed, 5);
    // An outage while asking about earlier anchors changes nothing.
    proxy.fault = down;
    assert.equal(await recorder.refreshAnchors(), 0);
  });

  await t.step("without a fallback an outage is told, and nothing is lost", async () => {
    await using folder = await makeTempFolder();
    await using proxy = startFaultProxy(devnet.rpcUrl, { fault: down });
    await using opened = await open(folder.path, 5, {
      chain: chain.client({ account: 5, journalFolder: `${folder.path}/journal`, urls: [proxy.url] }),
    });
    await recordSteps(opened.recorder, 1, 2);
    await assert.rejects(() => opened.recorder.anchorPending(), UnreachableError);
    assert.deepEqual(await opened.anchors.list(), []);
    proxy.fault = () => undefined;
    assert.equal((await opened.recorder.anchorPending()).recordCount, 2);
    assert.equal(await sentBy(5), 1);
  });

  await t.step(
    "with anchoring each, every record's hash is on the chain once, also after a crash in the middle",
    async () => {
      await using folder = await makeTempFolder();
      await using reader = chain.client({ hasKey: false });
      const idsOnChain = async () => {
        const found = [];
        for (let id = 1;; id++) {
          const stored = await reader.retrieveHash(String(id));
          if (stored === undefined) return found;
          found.push(stored);
        }
      };
      let ids: string[];
      {
        // Dies after the third transaction, before that is noted.
        const client = chain.client({ account: 6, journalFolder: `${folder.path}/journal` });
        let calls = 0;
        const dying: ChainClient = {
          ...client,
          storeHash: async (...args) => {
            const stored = await client.storeHash(...args);
            if (++calls === 3) throw new Error("killed");
            return stored;
          },
          [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
        };
        await using opened = await open(folder.path, 6, { chain: dying, anchoring: "each" });
        ids = await recordSteps(opened.recorder, 1, 5);
        await assert.rejects(() => opened.recorder.anchorPending(), { message: "killed" });
        assert.equal(await opened.stored.firstMissing([`eip155:31337 ${contract.toLowerCase()}`]), 2n);
        assert.equal((await idsOnChain()).length, 3);
      }
      await using opened = await open(folder.path, 6, { anchoring: "each" });
      const progress: [number, number][] = [];
      const onStored = (...step: [number, number]) => progress.push(step);
      const { recordCount, storedCount } = await opened.recorder.anchorPending({ onStored });
      assert.deepEqual([recordCount, storedCount], [5, 3]);
      assert.deepEqual(progress, [[1, 3], [2, 3], [3, 3]]);
      const onChain = await idsOnChain();
      assert.deepEqual(onChain.map(({ hash }) => hash), ids);
      assert.equal(
        onChain[4]!.metadata,
        '{"kind":"checkpoint","runId":"run-1","schema":"pot-record/1","step":5}',
      );
      assert.equal(await sentBy(6), 6);
      assert.equal((await opened.recorder.anchorPending()).storedCount, 0);
      assert.equal(await sentBy(6), 6);
    },
  );

  await t.step("with anchoring each, what only the ledger took still reaches the chain", async () => {
    await using folder = await makeTempFolder();
    await using proxy = startFaultProxy(devnet.rpcUrl, { fault: down });
    const primary = chain.client({ account: 7, journalFolder: `${folder.path}/journal`, urls: [proxy.url] });
    await using opened = await open(folder.path, 7, {
      chain: createFallbackClient(primary, localClientIn(folder.path)),
      anchoring: "each",
    });
    await recordSteps(opened.recorder, 1, 4, "run-7");
    const outage = await opened.recorder.anchorPending();
    assert.deepEqual([outage.storedCount, outage.anchor?.facts.state], [0, "local"]);
    proxy.fault = () => undefined;
    const back = await opened.recorder.anchorPending();
    assert.deepEqual([back.storedCount, back.recordCount, await sentBy(7)], [4, 4, 5]);
  });

  await t.step("shows what a reorganisation did, and anchors again", async () => {
    await using folder = await makeTempFolder();
    await using opened = await open(folder.path, 8);
    const { recorder } = opened;
    const [id] = await recordSteps(recorder, 1, 3);
    const before = (await recorder.anchorPending()).anchor!.facts as EvmAnchorFacts;
    const stale = await recorder.prove(id!);

    // Out of the chain: pending, and not in the pool either.
    await devnet.request("anvil_reorg", [1, []]);
    assert.equal((await verifyProof(stale, { endpoints })).ok, false);
    assert.equal(await recorder.refreshAnchors(), 1);
    assert.deepEqual((await recorder.status()).records, {
      pending: 3,
      local: 0,
      anchored: 0,
      confirmed: 0,
      final: 0,
    });
    assert.deepEqual((await recorder.prove(id!)).anchors.map(({ state }) => state), ["pending"]);
    const again = await recorder.anchorPending();
    assert.deepEqual([again.recordCount, again.anchor?.facts.state], [3, "confirmed"]);
    const after = again.anchor!.facts as EvmAnchorFacts;
    assert.deepEqual(after.transactionHashes, before.transactionHashes);
    assert.equal((await opened.anchors.list()).length, 1);
    assert.equal((await verifyProof(await recorder.prove(id!), { endpoints })).level, "L1");

    // Moved to another block: the state is the same, the place is not, and a proof must name the new one.
    const raw = await devnet.request("eth_getRawTransactionByHash", [after.inclusion!.transactionHash]);
    await devnet.request("anvil_reorg", [1, [[raw, 0]]]);
    assert.equal((await verifyProof(await recorder.prove(id!), { endpoints })).ok, false);
    assert.equal(await recorder.refreshAnchors(), 1);
    const [moved] = await opened.anchors.list();
    assert.equal(moved!.facts.state, "confirmed");
    assert.notEqual((moved!.facts as EvmAnchorFacts).inclusion!.blockHash, after.inclusion!.blockHash);
    assert.equal((await verifyProof(await recorder.prove(id!), { endpoints })).level, "L1");
    assert.equal(await recorder.refreshAnchors(), 0);
    assert.equal((await recorder.anchorPending()).recordCount, 0);
  });
});
