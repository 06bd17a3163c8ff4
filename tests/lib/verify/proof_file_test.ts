import assert from "node:assert/strict";
import fc from "fast-check";
import { PotError } from "../../../lib/core/errors.ts";
import { parseRecord } from "../../../lib/core/parse_record.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import type { EvmProofAnchor, Proof } from "../../../lib/verify/proof.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { createFakeNode } from "../../_fakes/proof_fixture.ts";

/** Written by a run on a real Anvil: first no endpoint answered and the local ledger took the head, then the chain did. */
const golden = await Deno.readTextFile(new URL("../../vectors/golden.pot-proof.json", import.meta.url));
/** The contract that it was anchored in. */
const firstRelease = JSON.parse(
  await Deno.readTextFile(new URL("../../vectors/first_release.json", import.meta.url)),
);
const goldenKey = "pot/golden+bb5511cd+AVlYlCWu2VTDwEBlSHexy9IQwggSCAgEkRHj054e64l+";
const proof = parseProof(golden);
const onChain = proof.anchors[1] as EvmProofAnchor;

Deno.test("a proof file of format pot-proof/1 keeps verifying, and is written back byte for byte", async () => {
  const expected = {
    artifactDigest: "ab".repeat(32),
    logKey: goldenKey,
    submitter: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  };
  const offline = await verifyProof(proof, expected);
  assert.deepEqual([offline.ok, offline.level, offline.state], [true, "L0", "confirmed"]);
  const endpoints = [createFakeNode([{ ...onChain, inclusion: { ...onChain.inclusion!, logIndex: 1 } }], {
    code: firstRelease.runtimeBytecode,
    // The real receipt has one event.
    change: (method, answer) =>
      method === "eth_getTransactionReceipt" ? { ...answer, logs: [answer["logs"][1]] } : answer,
  })];
  const online = await verifyProof(proof, { ...expected, endpoints });
  assert.deepEqual([online.ok, online.level, online.state], [true, "L1", "confirmed"]);
  assert.equal(formatProof(proof), golden);
  assert.deepEqual(proof.anchors.map(({ state, size }) => [state, size]), [["local", 5n], ["confirmed", 6n]]);
  const { metrics, step, runId, modelId } = parseRecord(proof.record);
  assert.deepEqual([runId, modelId, step, metrics], ["run-1", "golden", 300, { grad: "NaN", loss: 1 / 3 }]);
});

/** Written from a block of 200 transactions on a real Anvil, with the receipt that was captured. */
const inBlock = await Deno.readTextFile(new URL("../../vectors/block.pot-proof.json", import.meta.url));

Deno.test("a proof file with a captured receipt keeps leading to its block, and is written back byte for byte", async () => {
  const read = parseProof(inBlock);
  const { ok, level, reach, state } = await verifyProof(read);
  assert.deepEqual([ok, level, reach, state], [true, "L0", "block", "confirmed"]);
  assert.equal(formatProof(read), inBlock);
  const { inclusion } = read.anchors[0] as EvmProofAnchor;
  assert.deepEqual([inclusion!.transactionIndex, inclusion!.blockNumber], [100, 3n]);
});

Deno.test("no changed character of a captured receipt, its path or its header makes a proof that leads to a block", async () => {
  const start = inBlock.indexOf('"receiptProof"');
  const bound = (text: Proof) => JSON.stringify((text.anchors[0] as EvmProofAnchor).inclusion!.receiptProof);
  const original = bound(parseProof(inBlock));
  const character = fc.constantFrom(
    ...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/="- ,:\\n',
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: start, max: inBlock.length - 1 }), character, async (at, other) => {
      const mutated = parse(inBlock.slice(0, at) + other + inBlock.slice(at + 1));
      if (mutated === undefined || bound(mutated) === original) return;
      const { ok, answer } = await verifyProof(mutated);
      assert.deepEqual([ok, answer], [false, "invalid"]);
    }),
    { seed: 5, numRuns: 1_500 },
  );
});

/** What verification binds: the record and its place, and what each anchor commits to. Where an anchor stands is a claim at L0. */
const boundAtL0 = ({ record, index, anchors }: Proof) =>
  JSON.stringify([
    [...record],
    String(index),
    anchors.map(({ size, root, path }) => [String(size), [...root], path]),
  ]);
/** What an endpoint cannot know: by whose word the anchor is confirmed, other hashes that were tried, what the local ledger wrote. */
const boundAtL1 = ({ record, index, anchors }: Proof) =>
  JSON.stringify([
    [...record],
    String(index),
    anchors.map((anchor) =>
      anchor.kind === "local" ? [String(anchor.size), [...anchor.root]] : [
        String(anchor.size),
        [...anchor.root],
        anchor.chainId,
        anchor.contract?.toLowerCase(),
        anchor.codeHash,
        anchor.submitter?.toLowerCase(),
        { ...anchor.inclusion, blockNumber: String(anchor.inclusion?.blockNumber) },
      ]
    ),
  ]);

/** What parsing makes of it: a proof, or a refusal that a person can read. Anything else is a failure. */
function parse(text: string): Proof | undefined {
  try {
    return parseProof(text);
  } catch (error) {
    assert.ok(error instanceof PotError, String(error));
    assert.ok(error.exitCode === 1 || error.exitCode === 2);
    return undefined;
  }
}

async function assertNotBelieved(text: string): Promise<void> {
  const mutated = parse(text);
  if (mutated === undefined) return;
  assert.deepEqual(parseProof(formatProof(mutated)), mutated);
  const { ok } = await verifyProof(mutated);
  if (ok) assert.equal(boundAtL0(mutated), boundAtL0(proof));
  const node = createFakeNode([{ ...onChain, inclusion: { ...onChain.inclusion!, logIndex: 1 } }], {
    code: firstRelease.runtimeBytecode,
    change: (method, answer) =>
      method === "eth_getTransactionReceipt" && answer !== null
        ? { ...answer, logs: [answer["logs"][1]] }
        : answer,
  });
  try {
    const { level, state } = await verifyProof(mutated, { endpoints: [node] });
    if (level !== "L1") return;
    assert.equal(boundAtL1(mutated), boundAtL1(proof));
    if (state === "final") assert.ok(node.calls.includes("eth_getBlockByNumber(finalized)"));
  } catch (error) {
    // Another chain id in the file.
    assert.ok(error instanceof PotError && error.exitCode === 2, String(error));
  }
}

Deno.test("no changed character makes a proof that verifies as something else", async () => {
  const character = fc.oneof(
    fc.constantFrom(...'0123456789abcdefABCDEF+/= "{}[],:\\n-.eE'),
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(golden.length - 1), character, async (at, other) => {
      await assertNotBelieved(golden.slice(0, at) + other + golden.slice(at + 1));
    }),
    { seed: 1, numRuns: 1_500 },
  );
});

Deno.test("no cut, dropped or doubled stretch makes a proof that verifies as something else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(golden.length - 1), fc.nat(200), fc.nat(2), async (at, length, times) => {
      const stretch = golden.slice(at, at + length);
      if (times !== 1) {
        await assertNotBelieved(golden.slice(0, at) + stretch.repeat(times) + golden.slice(at + length));
      }
    }),
    { seed: 2, numRuns: 600 },
  );
});

// deno-lint-ignore no-explicit-any
type Json = any;

Deno.test("no dropped, doubled, moved or exchanged field makes a proof that verifies as something else", async () => {
  const paths: string[][] = [];
  const walk = (value: Json, at: string[]) => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      paths.push([...at, key]);
      walk(value[key], [...at, key]);
    }
  };
  walk(JSON.parse(golden), []);
  const get = (root: Json, path: readonly string[]) => path.reduce((at, key) => at?.[key], root);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.constantFrom(...paths),
      fc.constantFrom("drop", "null", "exchange", "copy", "append", "wrap"),
      async (path, other, how) => {
        const json = JSON.parse(golden);
        const holder = get(json, path.slice(0, -1));
        const name = path.at(-1)!;
        if (how === "drop") Array.isArray(holder) ? holder.splice(Number(name), 1) : delete holder[name];
        if (how === "null") holder[name] = null;
        if (how === "wrap") holder[name] = [holder[name]];
        if (how === "append" && Array.isArray(holder)) holder.push(structuredClone(holder[Number(name)]));
        const target = get(json, other.slice(0, -1));
        if (target === undefined || target === null) return;
        const mine = structuredClone(holder[name]);
        const theirs = structuredClone(target[other.at(-1)!]);
        if (how === "copy" || how === "exchange") holder[name] = theirs;
        if (how === "exchange" && typeof target === "object") target[other.at(-1)!] = mine;
        const text = JSON.stringify(json);
        const mutated = parse(text);
        if (mutated === undefined) return;
        // Fewer anchors, or one twice, is a proof of less or of the same.
        if (mutated.anchors.length !== 2) return void await verifyProof(mutated);
        await assertNotBelieved(text);
      },
    ),
    { seed: 3, numRuns: 1_500 },
  );
});

Deno.test("formatProof() writes what parseProof() reads back, whatever the values", () => {
  const plain = { noNullPrototype: true };
  const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes });
  const hash = hex(32).map((bytes) => `0x${bytes.toHex()}`);
  const address = hex(20).map((bytes) => `0x${bytes.toHex()}`);
  const whole = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
  const seconds = fc.nat(253_402_300_799);
  const count = fc.nat(Number.MAX_SAFE_INTEGER);
  const head = {
    size: whole,
    root: hex(32),
    path: fc.array(hex(32), { maxLength: 64 }),
    checkpoint: fc.string({ unit: "binary", maxLength: 300 }),
  };
  const local = fc.record({
    ...head,
    kind: fc.constant("local" as const),
    state: fc.constant("local" as const),
    chainId: fc.constant("local:pot/é"),
    transactionId: fc.uuid({ version: 4 }),
    submitter: fc.constant("local:pot/é"),
    blockNumber: whole,
    timestamp: seconds,
  }, plain);
  const pending = fc.record({
    ...head,
    kind: fc.constant("evm" as const),
    state: fc.constant("pending" as const),
  }, plain);
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });
  const receiptProof = fc.oneof(
    fc.constant("unavailable" as const),
    fc.record(
      { header: bytes, receipt: bytes, path: fc.array(bytes, { minLength: 1, maxLength: 20 }) },
      plain,
    ),
  );
  const anchored = fc.record({
    ...head,
    kind: fc.constant("evm" as const),
    state: fc.constantFrom("anchored" as const, "confirmed" as const, "final" as const),
    chainId: fc.constant("eip155:137"),
    contract: address,
    codeHash: hash,
    submitter: address,
    transactionHashes: fc.array(hash, { maxLength: 4 }),
    inclusion: fc.record({
      transactionHash: hash,
      transactionIndex: count,
      blockNumber: whole,
      blockHash: hash,
      blockTime: seconds,
      logIndex: count,
    }, plain).chain((place) =>
      fc.option(receiptProof, { nil: undefined }).map((found) =>
        found === undefined ? place : { ...place, receiptProof: found }
      )
    ),
  }, plain).map((anchor) => ({
    ...anchor,
    transactionHashes: [...anchor.transactionHashes, anchor.inclusion.transactionHash],
  }));
  const anyProof = fc.record({
    schema: fc.constant("pot-proof/1" as const),
    record: fc.uint8Array({ minLength: 1, maxLength: 400 }),
    index: whole,
    logKeys: fc.array(fc.string({ unit: "binary", maxLength: 50 }), { maxLength: 3 }),
    anchors: fc.array(fc.oneof(local, pending, anchored), { maxLength: 4 }),
  }, plain);
  fc.assert(
    fc.property(anyProof, (given) => assert.deepEqual(parseProof(formatProof(given)), given)),
    { seed: 4, numRuns: 300 },
  );
});
