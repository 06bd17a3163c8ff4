import assert from "node:assert/strict";
import * as pot from "@pot/ops";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { deploy } from "../../lib/runtime/deploy.ts";
import { makeTempFolder } from "../_fakes/recorder_fixture.ts";

Deno.test("@pot/ops exports every public name that was promised", () => {
  const functions = [
    "leafHash",
    "merkleRoot",
    "inclusionPath",
    "verifyInclusion",
    "consistencyPath",
    "verifyConsistency",
    "canonicalJson",
    "parseCheckpointNote",
    "verifyCheckpointNote",
    "createRecorder",
    "openRuntime",
    "createEvmClient",
    "createLocalClient",
    "createStatusApp",
    "parseProof",
    "verifyProof",
    "parseBatchProof",
    "verifyBatchProof",
    "extractProof",
  ] as const;
  for (const name of functions) assert.equal(typeof pot[name], "function", name);
  assert.ok(pot.proofOfTrainingAbi.some((item) => item.type === "function" && item.name === "anchor"));
  assert.match(pot.proofOfTrainingBytecode, /^0x(?:[0-9a-f]{2})+$/);
});

Deno.test("@pot/ops exports the errors that a caller tells apart", () => {
  const errors = [
    new pot.FeeCapExceededError({ maxFeePerGasWei: 9n, capWei: 5n }),
    new pot.ChainError("Cannot anchor as the contract is paused", { kind: "reverted" }),
    new pot.LockHeldError("/home/daemon.lock"),
    new pot.CorruptFileError({ path: "/home/log", where: "byte 4", found: "nothing" }),
  ];
  for (const error of errors) assert.ok(error instanceof pot.PotError, error.name);
  assert.deepEqual(errors.map(({ name }) => name), [
    "FeeCapExceededError",
    "ChainError",
    "LockHeldError",
    "CorruptFileError",
  ]);
});

Deno.test("@pot/ops trees and proofs keep the shapes that were promised", () => {
  const leaves = ["a", "b", "c"].map((text) => pot.leafHash(new TextEncoder().encode(text)));
  const root = pot.merkleRoot(leaves);
  const path = pot.inclusionPath(leaves, 2n);
  const claim = { leafHash: leaves[2]!, index: 2n, size: 3n, path, root };
  assert.deepEqual([leaves[0]!.length, root.length, path.length], [32, 32, 1]);
  assert.equal(pot.verifyInclusion(claim), true);
  assert.equal(pot.verifyInclusion({ ...claim, index: 3n }), false);
  const older = { oldSize: 2n, oldRoot: pot.merkleRoot(leaves.slice(0, 2)), newSize: 3n, newRoot: root };
  assert.equal(pot.verifyConsistency({ ...older, path: pot.consistencyPath(leaves, 2n) }), true);
  assert.equal(pot.verifyConsistency({ ...older, path: [] }), false);
  assert.equal(pot.canonicalJson({ b: 1, a: [true, null] }), '{"a":[true,null],"b":1}');
});

Deno.test("a training script records, anchors on a chain, proves, and a stranger verifies", async () => {
  await using devnet = await startDevnet();
  await using folder = await makeTempFolder();
  const [account] = devnet.accounts;
  const { origin, verifierKey } = await pot.initialize({ folder: folder.path });
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: String(devnet.chainId), PRIVATE_KEY: account!.privateKey };
  const config = pot.parseConfig({ folder: folder.path, env, file: { origin } });
  const { deployment } = await deploy(config);

  let text: string;
  let later: string;
  {
    await using runtime = await pot.openRuntime(config);
    const { recorder } = runtime;
    const ids: string[] = [];
    for (let step = 100; step <= 300; step += 100) {
      const { id } = await recorder.recordCheckpoint({
        runId: "run-1",
        step,
        metrics: { loss: 100 / step },
        artifact: {
          algorithm: "sha256",
          digest: String(step).padEnd(64, "0"),
          sizeBytes: step,
          kind: "file",
          computed: true,
        },
      });
      ids.push(id);
    }
    const { recordCount, anchor } = await recorder.anchorPending();
    assert.deepEqual([recordCount, anchor?.facts.kind], [3, "evm"]);
    text = pot.formatProof(await recorder.prove(ids[1]!));
    assert.deepEqual((await recorder.status()).records.pending, 0);
    const html = await (await pot.createStatusApp(runtime).request("/")).text();
    assert.ok(html.includes("Every record is anchored."));
    later = (await recorder.recordValidation({ runId: "run-1", step: 300, metrics: { accuracy: 0.9 } })).id;
  }

  // Years later, elsewhere: only the file, an endpoint, and what the log's owner published.
  const proof = pot.parseProof(text);
  const endpoints = [pot.createRpcEndpoint(devnet.rpcUrl)];
  const expected = {
    endpoints,
    logKey: verifierKey,
    submitter: account!.address,
    contract: deployment.contractAddress,
  };
  const verdict = await pot.verifyProof(proof, { ...expected, artifactDigest: "200".padEnd(64, "0") });
  assert.deepEqual([verdict.ok, verdict.level, pot.verdictExitCode(verdict)], [true, "L1", 0]);
  const forged = await pot.verifyProof(proof, { ...expected, artifactDigest: "201".padEnd(64, "0") });
  assert.deepEqual([forged.ok, pot.verdictExitCode(forged)], [false, 1]);
  assert.equal((await pot.verifyProof(proof, { logKey: verifierKey })).level, "L0");

  // The next run of the script goes on where this one ended.
  await using again = await pot.openRuntime(config);
  assert.equal((await again.recorder.anchorPending()).recordCount, 1);
  const { level, ok } = await pot.verifyProof(await again.recorder.prove(later), expected);
  assert.deepEqual([ok, level], [true, "L1"]);
  assert.equal((await pot.verifyProof(proof, expected)).ok, true);
});

Deno.test("two runtimes of one installation may be open at once", async () => {
  await using devnet = await startDevnet();
  await using folder = await makeTempFolder();
  const { origin } = await pot.initialize({ folder: folder.path });
  const env = {
    RPC_URL: devnet.rpcUrl,
    CHAIN_ID: String(devnet.chainId),
    PRIVATE_KEY: devnet.accounts[1]!.privateKey,
  };
  const config = pot.parseConfig({ folder: folder.path, env, file: { origin } });
  await deploy(config);
  await using one = await pot.openRuntime(config);
  await using two = await pot.openRuntime(config);
  const record = (runtime: pot.Runtime, step: number) =>
    runtime.recorder.recordCheckpoint({ runId: "run-1", step });
  await Promise.all([record(one, 1), record(two, 2), record(one, 3), record(two, 3)]);
  const sent = async () =>
    Number(await devnet.request("eth_getTransactionCount", [devnet.accounts[1]!.address, "latest"]));
  const before = await sent();
  const outcomes = await Promise.all([one.recorder.anchorPending(), two.recorder.anchorPending()]);
  assert.deepEqual(outcomes.map(({ recordCount }) => recordCount).sort(), [0, 3]);
  assert.equal(await sent(), before + 1);
});
