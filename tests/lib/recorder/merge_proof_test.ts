import assert from "node:assert/strict";
import fc from "fast-check";
import { improveAnchor, mergeProof } from "../../../lib/recorder/merge_proof.ts";
import { isAskable, isComplete, refreshProof } from "../../../lib/recorder/refresh_proof.ts";
import { requireAskable, requireSound } from "../../../lib/recorder/upgrade_proof.ts";
import type { EvmAnchorFacts } from "../../../lib/chain/chain_client.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import type { EvmProofAnchor, Proof, ReceiptProof } from "../../../lib/verify/proof.ts";
import { createProofFixture, hash32 } from "../../_fakes/proof_fixture.ts";

const fixture = await createProofFixture();
const RECEIPT: ReceiptProof = {
  header: Uint8Array.of(1),
  receipt: Uint8Array.of(2),
  path: [Uint8Array.of(3)],
};
const NO_NEWS = { known: [], wanted: [], logKeys: [] };
const pending = await fixture.evm("pending");
const anchored = await fixture.evm("anchored");
const confirmed = await fixture.evm("confirmed");
const final = await fixture.evm("final");
const withReceipt = (anchor: EvmProofAnchor, receiptProof: ReceiptProof | "unavailable"): EvmProofAnchor => ({
  ...anchor,
  inclusion: { ...anchor.inclusion!, receiptProof },
});
const inBlock = (anchor: EvmProofAnchor, fill: number): EvmProofAnchor => ({
  ...anchor,
  inclusion: { ...anchor.inclusion!, blockHash: hash32(fill) },
});
/** Out of the chain: where it was is not known any more. */
const reorganised = (anchor: EvmProofAnchor): EvmProofAnchor => {
  const { inclusion: _, ...rest } = anchor;
  return { ...rest, state: "pending" };
};

Deno.test("improveAnchor() takes an anchor from pending to final, field by field as a fresh proof has them", () => {
  assert.deepEqual(improveAnchor(pending, anchored), anchored);
  assert.deepEqual(Object.keys(improveAnchor(pending, anchored)), Object.keys(anchored));
  assert.deepEqual(improveAnchor(anchored, confirmed), confirmed);
  assert.deepEqual(improveAnchor(anchored, withReceipt(confirmed, RECEIPT)), withReceipt(confirmed, RECEIPT));
  assert.deepEqual(
    improveAnchor(confirmed, withReceipt(final, "unavailable")),
    withReceipt(final, "unavailable"),
  );
});

Deno.test("improveAnchor() answers the very anchor where nothing is new, and never a worse one of the same block", () => {
  const best = withReceipt(final, RECEIPT);
  for (const news of [best, final, confirmed, anchored, withReceipt(anchored, "unavailable")]) {
    assert.equal(improveAnchor(best, news), best);
  }
  assert.equal(improveAnchor(pending, pending), pending);
  assert.equal(improveAnchor(confirmed, anchored), confirmed);
  // Other capitals, or fewer of the hashes tried, are no news.
  const lower = {
    ...confirmed,
    contract: confirmed.contract!.toLowerCase(),
    transactionHashes: [confirmed.inclusion!.transactionHash],
  };
  assert.equal(improveAnchor(confirmed, lower), confirmed);
  const unavailable = withReceipt(confirmed, "unavailable");
  assert.equal(improveAnchor(unavailable, confirmed), unavailable);
  assert.deepEqual(
    improveAnchor(unavailable, withReceipt(confirmed, RECEIPT)),
    withReceipt(confirmed, RECEIPT),
  );
});

Deno.test("improveAnchor() shows what a reorganisation did before final, and never after", () => {
  const old = withReceipt(confirmed, RECEIPT);
  const moved = inBlock(anchored, 0x77);
  // The receipt of the old block is not the new one's.
  assert.deepEqual(improveAnchor(old, moved), moved);
  const gone = improveAnchor(old, reorganised(anchored));
  assert.deepEqual([gone.state, gone.inclusion, gone.transactionHashes], [
    "pending",
    undefined,
    confirmed.transactionHashes,
  ]);
  assert.ok(!("inclusion" in gone));
  assert.deepEqual(improveAnchor(gone, moved), moved);
  assert.equal(improveAnchor(final, moved), final);
  assert.equal(improveAnchor(final, reorganised(anchored)), final);
});

Deno.test("improveAnchor() keeps every hash that was tried, the mined one last", () => {
  const [first, mined] = confirmed.transactionHashes!;
  const replaced = hash32(0xbb);
  const news = {
    ...inBlock(anchored, 0x77),
    transactionHashes: [mined!, replaced],
    inclusion: { ...inBlock(anchored, 0x77).inclusion!, transactionHash: replaced },
  };
  assert.deepEqual(improveAnchor(confirmed, news).transactionHashes, [first, mined, replaced]);
});

Deno.test("mergeProof() answers the very proof where there is no news", () => {
  const proof = fixture.proof(withReceipt(final, RECEIPT));
  assert.equal(mergeProof(proof, NO_NEWS), proof);
  assert.equal(mergeProof(proof, { known: [confirmed], wanted: [confirmed], logKeys: ["another"] }), proof);
});

Deno.test("mergeProof() adds anchors on other chains, and leaves what is there in its place", async () => {
  const local = await fixture.local();
  const elsewhere = { ...final, chainId: "eip155:1" };
  const otherContract = { ...anchored, contract: `0x${"12".repeat(20)}` };
  const smaller = await fixture.evm("final", { size: 9 });
  const proof = fixture.proof(local, confirmed);
  const news = [elsewhere, otherContract, smaller, final, local];
  const merged = mergeProof(proof, { known: news, wanted: news, logKeys: ["new key"] });
  assert.deepEqual(merged.anchors, [local, final, elsewhere, otherContract, smaller]);
  assert.equal(merged.anchors[0], local);
  assert.deepEqual(merged.logKeys, ["new key", ...proof.logKeys]);
  assert.equal(mergeProof(merged, { known: news, wanted: news, logKeys: ["new key"] }), merged);
});

Deno.test("mergeProof() takes a head that was not anchored yet for one that was, wherever, once", () => {
  const elsewhere = { ...final, chainId: "eip155:1" };
  const merged = mergeProof(fixture.proof(pending), {
    known: [confirmed, elsewhere],
    wanted: [confirmed, elsewhere],
    logKeys: [],
  });
  assert.deepEqual(merged.anchors, [confirmed, elsewhere]);
});

Deno.test("mergeProof() does not take a ledger's line for the anchor that a chain still owes", async () => {
  const local = await fixture.local();
  const proof = fixture.proof(pending);
  assert.deepEqual(mergeProof(proof, { known: [local], wanted: [local], logKeys: [] }).anchors, [
    pending,
    local,
  ]);
});

Deno.test("mergeProof() keeps a head that was passed over, and adds the one that was anchored", async () => {
  const earlier = await fixture.evm("pending", { size: 8 });
  const merged = mergeProof(fixture.proof(earlier), { known: [final], wanted: [final], logKeys: [] });
  assert.deepEqual(merged.anchors, [earlier, final]);
  // Nothing that is still pending is worth adding.
  const proof = fixture.proof(earlier);
  assert.equal(mergeProof(proof, { known: [pending], wanted: [pending], logKeys: [] }), proof);
});

Deno.test("mergeProof() takes over what others have signed since, and their newer signatures do not count as news", async () => {
  const signed = {
    ...final,
    checkpoint: `${final.checkpoint}${(await fixture.note(11, fixture.stranger)).split("\n").at(-2)}\n`,
  };
  const proof = fixture.proof(final, await fixture.local());
  const merged = mergeProof(proof, { known: [signed], wanted: [], logKeys: [] });
  assert.deepEqual(merged.anchors, [signed, proof.anchors[1]]);
  assert.equal(mergeProof(merged, { known: [signed, final], wanted: [], logKeys: [] }), merged);
  assert.equal(mergeProof(merged, { known: [final], wanted: [], logKeys: [] }), merged);
});

Deno.test("mergeProof() only grows, only gets better in one block, and stops changing", () => {
  const states = [anchored, confirmed, final];
  const news = fc.record({
    state: fc.nat({ max: 2 }),
    block: fc.nat({ max: 2 }),
    chain: fc.nat({ max: 2 }),
    receipt: fc.constantFrom(undefined, "unavailable" as const, RECEIPT),
    isGone: fc.boolean(),
  }).map(({ state, block, chain, receipt, isGone }): EvmProofAnchor => {
    const placed = { ...inBlock(states[state]!, 0x70 + block), chainId: `eip155:${chain + 1}` };
    return isGone ? reorganised(placed) : receipt === undefined ? placed : withReceipt(placed, receipt);
  });
  const rank = { pending: 0, local: 0, anchored: 1, confirmed: 2, final: 3 };
  fc.assert(
    fc.property(fc.array(news, { minLength: 1, maxLength: 8 }), (all) => {
      let proof: Proof = fixture.proof(pending);
      for (const one of all) {
        const merged = mergeProof(proof, { known: [one], wanted: [one], logKeys: [] });
        assert.equal(mergeProof(merged, { known: [one], wanted: [one], logKeys: [] }), merged);
        assert.ok(merged.anchors.length >= proof.anchors.length);
        for (const [i, before] of proof.anchors.entries()) {
          const after = merged.anchors[i]!;
          if (before.kind !== "evm" || after.kind !== "evm") continue;
          if (before.state === "final") {
            assert.equal(after.inclusion?.blockHash, before.inclusion?.blockHash);
          }
          if (after.inclusion?.blockHash === before.inclusion?.blockHash) {
            assert.ok(rank[after.state] >= rank[before.state]);
            if (typeof before.inclusion?.receiptProof === "object") {
              assert.equal(after.inclusion?.receiptProof, before.inclusion.receiptProof);
            }
          }
        }
        // What a file can hold.
        assert.deepEqual(parseProof(formatProof(merged)), merged);
        proof = merged;
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("refreshProof() asks about what is not complete, and about nothing else", async () => {
  const local = await fixture.local();
  const complete = withReceipt(final, RECEIPT);
  const proof = fixture.proof(local, complete, pending, confirmed, withReceipt(final, "unavailable"));
  assert.deepEqual(proof.anchors.map(isAskable), [false, true, false, true, true]);
  assert.deepEqual(proof.anchors.map(isComplete), [false, true, false, false, false]);
  const asked: string[] = [];
  const same = await refreshProof(proof, (facts, head) => {
    asked.push(`${facts.state} ${head.size}`);
    return Promise.resolve(undefined);
  });
  assert.equal(same, proof);
  assert.deepEqual(asked, ["confirmed 11", "final 11"]);
  const better = await refreshProof(
    proof,
    (facts): Promise<EvmAnchorFacts> =>
      Promise.resolve({
        ...facts,
        state: "final",
        inclusion: { ...facts.inclusion!, receiptProof: RECEIPT },
      }),
  );
  assert.deepEqual(better.anchors, [local, complete, pending, complete, complete]);
});

Deno.test("requireSound() and requireAskable() refuse what cannot be upgraded", async () => {
  await requireSound(fixture.proof(final));
  await assert.rejects(() => requireSound(fixture.proof({ ...final, size: 10n })), {
    name: "PotError",
    message: "Cannot upgrade the proof as it does not hold",
    exitCode: 1,
  });
  await assert.rejects(() => requireSound(fixture.proof(withReceipt(final, RECEIPT))), {
    message: "Cannot upgrade the proof as it does not hold",
  });
  requireAskable(fixture.proof(pending, final));
  assert.throws(() => requireAskable(fixture.proof(pending)), {
    name: "PotError",
    message: "Cannot upgrade the proof as this log does not hold its record, and it names no transaction",
    exitCode: 1,
  });
});
