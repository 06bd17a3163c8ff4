import assert from "node:assert/strict";
import { createRpcEndpoint } from "../../../lib/chain/rpc_endpoint.ts";
import { extractProof } from "../../../lib/verify/extract_proof.ts";
import { formatBatchProof } from "../../../lib/verify/format_batch_proof.ts";
import { parseBatchProof } from "../../../lib/verify/parse_batch_proof.ts";
import { verifyBatchProof } from "../../../lib/verify/verify_batch_proof.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { makeTempFolder, openRecorder, recordSteps, verifierKey } from "../../_fakes/recorder_fixture.ts";

Deno.test("a run's batch goes from pending to final on a real chain, and leads every record to the block", async () => {
  await using chain = await startChainFixture();
  await using folder = await makeTempFolder();
  const { devnet, contract } = chain;
  const client = chain.client({ account: 1, journalFolder: `${folder.path}/journal` });
  await using opened = await openRecorder(folder.path, { contract, chain: client });
  const { recorder } = opened;
  await recordSteps(recorder, 1, 5, "other");
  const ids = await recordSteps(recorder, 1, 30);
  const pending = await recorder.proveRun("run-1");
  assert.equal((await verifyBatchProof(pending)).answer, "pending");

  await recorder.anchorPending();
  const { batch } = await recorder.upgradeBatch(pending);
  const read = await parseBatchProof(await formatBatchProof(batch));
  assert.deepEqual(read.nodes, pending.nodes);
  const byItself = await verifyBatchProof(read, { logKey: verifierKey });
  assert.deepEqual([byItself.answer, byItself.level, byItself.reach, byItself.state], [
    "valid",
    "L0",
    "block",
    "confirmed",
  ]);

  await devnet.request("anvil_mine", ["0x50"]);
  const { batch: final } = await recorder.upgradeBatch(read);
  const endpoints = [createRpcEndpoint(devnet.rpcUrl)];
  const expected = { endpoints, logKey: verifierKey, contract, submitter: devnet.accounts[1]!.address };
  const asked = await verifyBatchProof(final, expected);
  assert.deepEqual([asked.answer, asked.level, asked.state], ["valid", "L1", "final"]);
  assert.ok(asked.records.every(({ level, state }) => level === "L1" && state === "final"));
  const single = extractProof(final, ids[17]!);
  assert.deepEqual(single, await recorder.prove(ids[17]!));
  assert.equal((await verifyProof(single, expected)).level, "L1");

  // Another chain's block says nothing of it.
  await using elsewhere = await startChainFixture();
  const other = createRpcEndpoint(elsewhere.devnet.rpcUrl);
  assert.notEqual((await verifyBatchProof(final, { endpoints: [other] })).answer, "valid");
});
