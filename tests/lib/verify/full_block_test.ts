import assert from "node:assert/strict";
import { createRpcEndpoint } from "../../../lib/chain/rpc_endpoint.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseHeader } from "../../../lib/verify/parse_header.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import { parseReceipt } from "../../../lib/verify/parse_receipt.ts";
import type { EvmProofAnchor, Proof } from "../../../lib/verify/proof.ts";
import { verdictExitCode } from "../../../lib/verify/verdict.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { type ChainFixture, startChainFixture } from "../../_fakes/chain_fixture.ts";
import { createCli } from "../../_fakes/cli_harness.ts";
import { anchorInFullBlock, FULL_BLOCKS, type FullBlockOptions } from "../../_fakes/full_block.ts";
import { createProofFixture, type ProofFixture } from "../../_fakes/proof_fixture.ts";
import type { ProvenAnchor } from "../../_fakes/receipt_fixture.ts";

const MAX_PROOF_BYTES = 12_000;

async function prove(
  chain: ChainFixture,
  fixture: ProofFixture,
  { size, ...block }: FullBlockOptions & { readonly size: number },
): Promise<{ readonly proof: Proof; readonly anchor: ProvenAnchor }> {
  const { size: leaves, root, path, checkpoint } = await fixture.evm("pending", { size });
  const facts = await anchorInFullBlock(chain, { size: leaves, root }, block);
  const anchor = { ...facts, path, checkpoint };
  return { proof: fixture.proof(anchor), anchor: anchor as ProvenAnchor };
}

Deno.test("verifyProof() climbs from a record to a real block of 200 transactions, wherever in it the anchor stands, and on to L2", async () => {
  const fixture = await createProofFixture();
  await using chain = await startChainFixture([...FULL_BLOCKS, "--slots-in-an-epoch", "1"]);
  const { devnet } = chain;
  const endpoints = [devnet.rpcUrl, devnet.rpcUrl].map((url) => createRpcEndpoint(url));
  const made: Proof[] = [];
  for (const [size, before, count] of [[8, 0, 1], [9, 100, 200], [11, 199, 200]] as const) {
    const { proof, anchor } = await prove(chain, fixture, { size, before, count });
    made.push(proof);
    const { header, receipt, path } = anchor.inclusion.receiptProof;
    assert.equal(parseHeader(header).hash.toHex(), anchor.inclusion.blockHash.slice(2));
    assert.deepEqual([parseReceipt(receipt).type, parseReceipt(receipt).isSuccess], [2, true]);
    assert.ok(count === 1 ? path.length === 1 : path.length > 2, `${path.length} nodes`);
    const text = formatProof(proof);
    assert.ok(text.length < MAX_PROOF_BYTES, `${text.length} bytes`);

    const offline = await verifyProof(parseProof(text));
    assert.deepEqual([offline.level, offline.reach, verdictExitCode(offline)], ["L0", "block", 0]);
    const one = await verifyProof(proof, { endpoints: endpoints.slice(1) });
    assert.deepEqual([one.level, one.state, verdictExitCode(one)], ["L1", "confirmed", 0]);
    // Anvil's finalized block is two below its head here.
    const early = await verifyProof(proof, { endpoints });
    assert.deepEqual([early.level, early.state], ["L1", "confirmed"]);
    for (let i = 0; i < 3; i++) await devnet.request("evm_mine");
    const final = await verifyProof(proof, { endpoints, quorum: 2 });
    assert.deepEqual([final.level, final.state, final.reach, verdictExitCode(final)], [
      "L2",
      "final",
      "block",
      0,
    ]);
  }
  const [first, , last] = made.map(({ anchors }) => anchors[0] as EvmProofAnchor);
  const crossed = {
    ...last!,
    inclusion: { ...last!.inclusion!, receiptProof: first!.inclusion!.receiptProof! },
  };
  assert.equal(verdictExitCode(await verifyProof(fixture.proof(crossed))), 1);
  const several = await verifyProof(fixture.proof(first!, last!), { endpoints });
  assert.deepEqual([several.level, several.best], ["L2", 0]);

  await devnet.request("anvil_reorg", [4, []]);
  const gone = await verifyProof(fixture.proof(last!), { endpoints });
  assert.deepEqual([verdictExitCode(gone), gone.anchors[0]!.outcome], [1, "denied"]);
  const remaining = await verifyProof(fixture.proof(last!, first!), { endpoints });
  assert.deepEqual([verdictExitCode(remaining), remaining.level, remaining.best], [0, "L2", 1]);
});

Deno.test("pot verify prints the ladder of a proof out of a full block, asks several endpoints, and says no to another chain's block", async () => {
  const fixture = await createProofFixture();
  await using chain = await startChainFixture([...FULL_BLOCKS, "--slots-in-an-epoch", "1"]);
  const { proof, anchor } = await prove(chain, fixture, { size: 11, count: 20 });
  for (let i = 0; i < 3; i++) await chain.devnet.request("evm_mine");
  const { rpcUrl } = chain.devnet;
  const other = rpcUrl.replace("127.0.0.1", "localhost");
  await using cli = await createCli();
  await cli.write("p.json", formatProof(proof));

  const offline = await cli.run("verify", "p.json", "--offline");
  const { blockHash, blockNumber } = anchor.inclusion;
  assert.equal(offline.code, 0);
  assert.match(offline.out, /^valid \(level L0, confirmed\)\nrecord 6: checkpoint of run run-1, step 6/);
  assert.match(
    offline.out,
    /\nanchor 1 of 1 on eip155:31337, size 11: L0, confirmed; the file leads to the block's hash\n/,
  );
  assert.ok(offline.out.includes(`✓ header     the header is that of block ${blockNumber} of `), offline.out);
  assert.ok(offline.out.includes(`· rests on: hashing alone, from the record to block hash ${blockHash}`));
  assert.match(offline.out, / {2}· not proven: that the training was honest/);

  const l2 = await cli.run("verify", "p.json", "--rpc", rpcUrl, "--rpc", other, "--quorum", "2", "--json");
  const { json } = l2;
  assert.deepEqual([l2.code, json.answer, json.level, json.reach, json.state, json.best], [
    0,
    "valid",
    "L2",
    "block",
    "final",
    0,
  ]);
  assert.equal(json.anchors[0].confirmedBy.length, 2);
  assert.deepEqual(
    json.checks.filter((check: { anchor?: number }) => check.anchor === undefined).map((
      check: { name: string },
    ) => check.name),
    ["record"],
  );

  // One voice, however often it is named.
  const twice = await cli.run("verify", "p.json", "--rpc", rpcUrl, "--rpc", `${rpcUrl}/`, "--quorum", "2");
  assert.equal(twice.code, 2);
  assert.match(twice.err, /the quorum must be from 2 to the number of endpoints/);
  for (
    const args of [["--quorum", "1", "--rpc", rpcUrl], ["--quorum", "2", "--offline"], ["--quorum", "x"]]
  ) {
    assert.equal((await cli.run("verify", "p.json", ...args)).code, 2, args.join(" "));
  }

  // The same chain id, another chain: its block of that height is not ours.
  await using stranger = await startChainFixture([...FULL_BLOCKS]);
  while (Number(await stranger.devnet.request("eth_blockNumber")) < blockNumber) {
    await stranger.devnet.request("evm_mine");
  }
  const denied = await cli.run("verify", "p.json", "--rpc", stranger.devnet.rpcUrl);
  assert.equal(denied.code, 1);
  assert.match(
    denied.out,
    /^INVALID\n[^]*✗ block {6}block \d+ has another hash on http:\/\/127\.0\.0\.1:\d+\/: the anchor is not on this chain/,
  );
  // One says yes, one no: could not tell.
  const disputed = await cli.run("verify", "p.json", "--rpc", rpcUrl, "--rpc", stranger.devnet.rpcUrl);
  assert.equal(disputed.code, 4);
  assert.match(
    disputed.out,
    /^could not tell \(level L0, confirmed\)\n[^]*\? quorum {5}of 2 endpoints 1 say yes, 1 say no, 0 could not tell: 2 would have to agree/,
  );
});
