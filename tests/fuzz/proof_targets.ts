import { RLP } from "@ethereumjs/rlp";
import assert from "node:assert/strict";
import { formatProof } from "../../lib/verify/format_proof.ts";
import { parseHeader } from "../../lib/verify/parse_header.ts";
import { parseProof } from "../../lib/verify/parse_proof.ts";
import { parseReceipt } from "../../lib/verify/parse_receipt.ts";
import type { Proof, ProofAnchor, ReceiptProof } from "../../lib/verify/proof.ts";
import { encodeRlpNumber } from "../../lib/verify/rlp.ts";
import { readTriePath } from "../../lib/verify/trie_path.ts";
import type { Verdict } from "../../lib/verify/verdict.ts";
import { verifyProof } from "../../lib/verify/verify_proof.ts";
import { verifyReceiptProof } from "../../lib/verify/verify_receipt_proof.ts";
import { mutateBytes, mutateJsonText, pick } from "../_fakes/mutate.ts";
import { createFakeNode, createProofFixture } from "../_fakes/proof_fixture.ts";
import {
  encodeReceiptDraft,
  otherLog,
  type ProvenAnchor,
  withReceiptProof,
} from "../_fakes/receipt_fixture.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const show = (value: unknown) =>
  JSON.stringify(value, (_, inner) => typeof inner === "bigint" ? String(inner) : inner);

/** What the file alone binds of an anchor: the way to its root, and on to the block where it leads there. */
function bound({ index, record }: Proof, anchor: ProofAnchor, reach: Verdict["reach"]): string {
  const way = [[...record], index, anchor.size, [...anchor.root], anchor.path.map((node) => [...node])];
  if (reach !== "block" || anchor.kind !== "evm") return show(way);
  const { transactionHash: _, receiptProof, ...place } = anchor.inclusion!;
  const { header, receipt, path } = receiptProof as ReceiptProof;
  return show([
    way,
    anchor.contract!.toLowerCase(),
    anchor.submitter!.toLowerCase(),
    place,
    [header, receipt, ...path].map((bytes) => bytes.toHex()),
  ]);
}

/** A proof with a captured receipt, a local one and a pending one: what is still believed of a damaged one is what it says. */
async function proofTarget(): Promise<FuzzTarget> {
  const fixture = await createProofFixture();
  const proven = await withReceiptProof(await fixture.evm("final"), { count: 20 });
  const proof = fixture.proof(
    await fixture.local({ size: 7 }),
    await fixture.evm("pending", { size: 9 }),
    proven,
  );
  const text = formatProof(proof);
  const compact = JSON.stringify(JSON.parse(text));
  const believable = new Set(
    proof.anchors.flatMap((anchor) =>
      (["checkpoint", "block"] as const).map((reach) =>
        bound(proof, anchor, anchor === proven ? reach : "checkpoint")
      )
    ),
  );
  // Of an anchor that leads to a block, its way alone is believable too: without its receipt it leads to the checkpoint.
  return {
    name: "verifyProof(parseProof())",
    async tryOne(random) {
      const mutant = parseProof(decode(mutateJsonText(pick([text, compact], random), random)));
      assert.deepEqual(parseProof(formatProof(mutant)), mutant);
      const node = createFakeNode([proven], { head: 1_050 });
      const endpoints = [node, createFakeNode([proven], { name: "http://other" })];
      const verdict = await verifyProof(mutant, random() < 0.5 ? {} : { endpoints });
      assert.ok(verdict.checks.every(({ detail }) => detail.length < 2_000), "a detail without an end");
      assert.ok(node.calls.length < 1_000, "a flood of requests");
      assert.equal(verdict.ok, verdict.answer !== "invalid");
      for (const { anchor, outcome, reach } of verdict.anchors) {
        if (!verdict.ok || outcome === "invalid") continue;
        assert.ok(believable.has(bound(mutant, mutant.anchors[anchor]!, reach)), "another proof is believed");
      }
      // Confirmed is only what is on that chain.
      const { best, level } = verdict;
      if (best === undefined || (level !== "L1" && level !== "L2")) return;
      const { chainId, inclusion } = mutant.anchors[best] as ProvenAnchor;
      assert.deepEqual([chainId, inclusion.blockHash, inclusion.transactionHash, inclusion.logIndex], [
        proven.chainId,
        proven.inclusion.blockHash,
        proven.inclusion.transactionHash,
        proven.inclusion.logIndex,
      ]);
    },
  };
}

const receiptTarget: FuzzTarget = {
  name: "parseReceipt()",
  tryOne(random) {
    const draft = { type: pick([0, 1, 2, 3, 4], random), logs: [otherLog, otherLog] };
    const mutant = mutateBytes(encodeReceiptDraft(draft), random);
    const { type, logs } = parseReceipt(mutant);
    // One spelling a receipt: the reference library writes what was read as the same bytes.
    const body = type === 0 ? mutant : mutant.subarray(1);
    assert.deepEqual(RLP.encode(RLP.decode(body)), body);
    assert.ok(logs.length <= 10_000);
  },
};

async function headerTarget(): Promise<FuzzTarget> {
  const { header } =
    (await withReceiptProof(await (await createProofFixture()).evm("final"))).inclusion.receiptProof;
  return {
    name: "parseHeader()",
    tryOne(random) {
      const mutant = mutateBytes(header, random);
      const { number, timestamp, hash } = parseHeader(mutant);
      assert.deepEqual(RLP.encode(RLP.decode(mutant)), mutant);
      assert.ok(number < 1n << 64n && timestamp < 1n << 64n && hash.length === 32);
    },
  };
}

/** Header, receipt and nodes, damaged where they are bytes: none is taken for the one that was captured. */
async function receiptProofTarget(): Promise<FuzzTarget> {
  const anchor = await withReceiptProof(await (await createProofFixture()).evm("final"), { count: 130 });
  const { receiptProof } = anchor.inclusion;
  const intact = show(receiptProof);
  return {
    name: "verifyReceiptProof()",
    tryOne(random) {
      const part = pick(["header", "receipt", "node", "path"], random);
      const { path } = receiptProof;
      const at = Math.floor(random() * path.length);
      const mutant = part === "node"
        ? { ...receiptProof, path: path.with(at, mutateBytes(path[at]!, random)) }
        : part === "path"
        ? {
          ...receiptProof,
          path: pick([path.toSpliced(at, 1), [...path, path[at]!], path.toReversed(), []], random),
        }
        : { ...receiptProof, [part]: mutateBytes(receiptProof[part as "header" | "receipt"], random) };
      const { ok } = verifyReceiptProof(mutant, anchor);
      assert.equal(ok, show(mutant) === intact, "a receipt proof that nobody captured");
      // Its first node may be hashed anew by whoever made it up: then it must be one that the reference library writes too.
      const [first = new Uint8Array()] = mutant.path;
      readTriePath({
        root: parseHeader(receiptProof.header).receiptsRoot,
        key: encodeRlpNumber(3),
        path: mutant.path,
      });
      assert.deepEqual(RLP.encode(RLP.decode(first)), first);
    },
  };
}

/** All that reads a proof and what is in it. */
export async function proofTargets(): Promise<readonly FuzzTarget[]> {
  return [await proofTarget(), receiptTarget, await headerTarget(), await receiptProofTarget()];
}
