import assert from "node:assert/strict";
import { UsageError } from "../../../lib/core/errors.ts";
import type { EvmProofAnchor, Proof, ProofAnchor } from "../../../lib/verify/proof.ts";
import type { Verdict } from "../../../lib/verify/verdict.ts";
import { type VerifyOptions, verifyProof } from "../../../lib/verify/verify_proof.ts";
import {
  CONTRACT,
  createFakeNode,
  createProofFixture,
  digestOf,
  hash32,
  SUBMITTER,
} from "../../_fakes/proof_fixture.ts";

const fixture = await createProofFixture();
const confirmed = await fixture.evm("confirmed");
const good = fixture.proof(confirmed);

const outcomes = ({ checks }: Verdict) => checks.map(({ name, outcome }) => `${name} ${outcome}`);
const failed = ({ checks }: Verdict) =>
  checks.filter(({ outcome }) => outcome === "fail").map(({ name }) => name);

function changed<A extends ProofAnchor>(anchor: A, change: Partial<A>): Proof {
  return fixture.proof({ ...anchor, ...change });
}

Deno.test("verifyProof() says yes to a good proof of every state, as far as it got offline", async () => {
  for (const state of ["pending", "anchored", "confirmed", "final"] as const) {
    const verdict = await verifyProof(fixture.proof(await fixture.evm(state)));
    const { ok, answer, level, reach, state: shown, best } = verdict;
    assert.deepEqual({ ok, answer, level, reach, state: shown, best, checks: outcomes(verdict) }, {
      ok: true,
      answer: state === "pending" ? "pending" : "valid",
      level: "L0",
      reach: "checkpoint",
      state,
      best: 0,
      checks: ["record pass", "inclusion pass", "checkpoint pass"],
    });
  }
  const local = await verifyProof(fixture.proof(await fixture.local()));
  assert.deepEqual([local.ok, local.level, local.state], [true, "L0", "local"]);
  const both = await verifyProof(fixture.proof(await fixture.local({ size: 7 }), confirmed));
  assert.deepEqual([both.ok, both.level, both.state], [true, "L0", "confirmed"]);
});

Deno.test("verifyProof() says in its checks what was compared", async () => {
  const { checks } = await verifyProof(good, {
    artifactDigest: digestOf(6),
    logKey: fixture.signer.verifierKey,
    submitter: SUBMITTER.toLowerCase(),
    contract: CONTRACT,
  });
  assert.deepEqual(checks.map(({ detail }) => detail), [
    "the record is well-formed pot-record/1",
    `the artifact's SHA-256 is the recorded one, ${digestOf(6)}`,
    `the submitter is the expected ${SUBMITTER.toLowerCase()}`,
    `the contract is the expected ${CONTRACT}`,
    `leaf 6 is in the tree of 11 leaves (${confirmed.path.length} nodes to the root)`,
    "pot/fixture signed size 11 and this root, by the expected log key",
  ]);
});

Deno.test("verifyProof() fails every changed byte of the record", async () => {
  for (let i = 0; i < good.record.length; i += 7) {
    const record = good.record.slice();
    record[i]! ^= 1;
    const verdict = await verifyProof({ ...good, record });
    assert.equal(verdict.ok, false, `byte ${i}`);
    assert.equal(verdict.level, "none");
    assert.ok(failed(verdict).includes("inclusion"), `byte ${i}`);
  }
  const other = await verifyProof({ ...good, record: fixture.recordBytes(5) });
  assert.deepEqual(failed(other), ["inclusion"]);
  const empty = await verifyProof({ ...good, record: new Uint8Array() });
  assert.deepEqual(failed(empty), ["record", "inclusion"]);
});

const flip = (bytes: Uint8Array) => bytes.map((byte, i) => i === 31 ? byte ^ 1 : byte);
const path = confirmed.path;
const swap = (a: number, b: number) => path.map((node, i) => i === a ? path[b]! : i === b ? path[a]! : node);

const tamperings: readonly (readonly [string, Proof, readonly string[]])[] = [
  ["another index", { ...good, index: 5n }, ["inclusion"]],
  ["an index past the end", { ...good, index: 11n }, ["inclusion"]],
  ["a negative index", { ...good, index: -1n }, ["inclusion"]],
  ["another size", changed(confirmed, { size: 8n }), ["inclusion", "checkpoint"]],
  // The path is the same in a tree of 10: only the signed note (and the event) bind the size.
  ["another size of the same shape", changed(confirmed, { size: 10n }), ["checkpoint"]],
  ["another root", changed(confirmed, { root: flip(confirmed.root) }), ["inclusion", "checkpoint"]],
  ...path.map((_, at) =>
    [
      `path node ${at} changed`,
      changed(confirmed, { path: path.map((node, i) => i === at ? flip(node) : node) }),
      ["inclusion"],
    ] as const
  ),
  ...path.map((_, at) =>
    [`path node ${at} dropped`, changed(confirmed, { path: path.toSpliced(at, 1) }), ["inclusion"]] as const
  ),
  ...path.map((node, at) =>
    [`path node ${at} doubled`, changed(confirmed, { path: path.toSpliced(at, 0, node) }), [
      "inclusion",
    ]] as const
  ),
  ["path nodes swapped", changed(confirmed, { path: swap(0, 1) }), ["inclusion"]],
  ["path nodes too short", changed(confirmed, { path: path.map((node) => node.slice(1)) }), ["inclusion"]],
  ["no path", changed(confirmed, { path: [] }), ["inclusion"]],
  ["the note of another size", changed(confirmed, { checkpoint: await fixture.note(10) }), ["checkpoint"]],
  [
    "the signature of another key",
    changed(confirmed, { checkpoint: await fixture.note(11, fixture.stranger) }),
    ["checkpoint"],
  ],
  ["no note", changed(confirmed, { checkpoint: "" }), ["checkpoint"]],
  ["a cut note", changed(confirmed, { checkpoint: confirmed.checkpoint.slice(0, -5) }), ["checkpoint"]],
  ["no log key", { ...good, logKeys: [] }, ["checkpoint"]],
  ["another log key", { ...good, logKeys: [fixture.stranger.verifierKey] }, ["checkpoint"]],
  ["a log key that is none", { ...good, logKeys: ["x", ""] }, ["checkpoint"]],
  ["no anchors", { ...good, anchors: [] }, ["anchor"]],
  ["a state without a place", changed(confirmed, { inclusion: undefined as never }), ["anchor"]],
  ["a place in the state pending", changed(confirmed, { state: "pending" }), ["anchor"]],
  ["a ledger of another log", changed(await fixture.local(), { chainId: "local:pot/other" }), ["checkpoint"]],
  ["a submitter of another log", changed(await fixture.local(), { submitter: "local:pot/other" }), [
    "checkpoint",
  ]],
  ["one bad anchor before", fixture.proof({ ...await fixture.local({ size: 8 }), path: [] }, confirmed), [
    "inclusion",
  ]],
  ["one bad anchor after", fixture.proof(confirmed, { ...await fixture.evm("pending"), size: 8n }), [
    "inclusion",
    "checkpoint",
  ]],
];

Deno.test("verifyProof() fails each tampering with the check that is about it", async () => {
  for (const [what, proof, names] of tamperings) {
    const verdict = await verifyProof(proof);
    assert.deepEqual(failed(verdict), names, what);
    assert.deepEqual([verdict.ok, verdict.level], [false, "none"], what);
    // An endpoint changes nothing, and is not even asked.
    const node = createFakeNode([confirmed]);
    assert.equal((await verifyProof(proof, { endpoints: [node] })).ok, false, what);
    assert.deepEqual(node.calls, [], what);
  }
});

Deno.test("verifyProof() holds the proof against what is expected", async () => {
  const other = "0x00000000000000000000000000000000000000AA";
  const wrong: readonly (readonly [VerifyOptions, string])[] = [
    [{ artifactDigest: digestOf(7) }, "artifact"],
    [{ logKey: fixture.stranger.verifierKey }, "checkpoint"],
    [{ submitter: other }, "submitter"],
    [{ contract: other }, "contract"],
  ];
  for (const [options, name] of wrong) {
    const verdict = await verifyProof(good, options);
    assert.deepEqual([verdict.ok, failed(verdict)], [false, [name]]);
  }
  // What no chain has cannot be by the expected account.
  for (const anchor of [await fixture.evm("pending"), await fixture.local()]) {
    assert.deepEqual(failed(await verifyProof(fixture.proof(anchor), { submitter: SUBMITTER })), [
      "submitter",
    ]);
  }
  const rotated = { ...good, logKeys: [fixture.stranger.verifierKey, fixture.signer.verifierKey] };
  assert.equal((await verifyProof(rotated)).ok, true);
  assert.equal((await verifyProof(rotated, { logKey: fixture.signer.verifierKey })).ok, true);
});

Deno.test("verifyProof() takes expectations from one and the same anchor, never from a claim beside it", async () => {
  const boss = "0x00000000000000000000000000000000000000AA";
  const claim = { ...await fixture.evm("pending", { size: 9 }), submitter: boss, contract: CONTRACT };
  const node = createFakeNode([confirmed]);
  const byClaim = await verifyProof(fixture.proof(claim, confirmed), { submitter: boss, endpoints: [node] });
  assert.deepEqual([byClaim.ok, failed(byClaim)], [false, ["submitter"]]);

  const elsewhere = {
    ...await fixture.evm("final", { size: 9 }),
    submitter: boss,
    contract: hash32(7).slice(0, 42),
  };
  const mixed = await verifyProof(fixture.proof(elsewhere, confirmed), {
    submitter: boss,
    contract: CONTRACT,
  });
  assert.deepEqual([mixed.ok, failed(mixed)], [false, ["contract"]]);
  // The state is that of the anchor that was expected, not of a better one of somebody else.
  const theirs = await verifyProof(fixture.proof(elsewhere, confirmed), { submitter: SUBMITTER });
  assert.deepEqual([theirs.ok, theirs.state], [true, "confirmed"]);
});

Deno.test("verifyProof() refuses a mistyped expectation as wrong usage, not as an invalid proof", async () => {
  const mistyped: readonly VerifyOptions[] = [
    { artifactDigest: "ab" },
    { artifactDigest: "AB".repeat(32) },
    { logKey: "key" },
    { logKey: `${fixture.signer.verifierKey.slice(0, -2)}A=` },
    { submitter: SUBMITTER.slice(2) },
    { submitter: "" },
    { contract: `${CONTRACT}0` },
  ];
  for (const options of mistyped) {
    await assert.rejects(
      () => verifyProof(good, options),
      (error) => error instanceof UsageError && error.exitCode === 2,
    );
  }
  await assert.rejects(() => verifyProof(good, { contract: "0x1" }), {
    message: "Cannot verify the proof as the expected contract must be 0x and 40 hex characters",
    facts: ['contract: "0x1"'],
  });
});

Deno.test("verifyProof() reaches L1 with an endpoint that confirms the anchor", async () => {
  const node = createFakeNode([confirmed]);
  const verdict = await verifyProof(good, { endpoints: [node], submitter: SUBMITTER, contract: CONTRACT });
  assert.deepEqual([verdict.ok, verdict.level, verdict.state], [true, "L1", "confirmed"]);
  assert.deepEqual(outcomes(verdict).slice(-3), ["block pass", "event pass", "code pass"]);
  assert.equal(node.calls.length, 4);
  // Nothing to ask about: the answer stays what the file alone gives.
  for (const anchor of [await fixture.evm("pending"), await fixture.local()]) {
    const idle = createFakeNode([]);
    const { level, ok } = await verifyProof(fixture.proof(anchor), { endpoints: [idle] });
    assert.deepEqual([ok, level, idle.calls.length], [true, "L0", 0]);
  }
});

Deno.test("verifyProof() asks about every anchor of the endpoint's chain, so that none rides along unchecked", async () => {
  const invented = await fixture.evm("final", { size: 9 });
  const real = confirmed;
  for (const anchors of [[invented, real], [real, invented]]) {
    const verdict = await verifyProof(fixture.proof(...anchors), { endpoints: [createFakeNode([real])] });
    assert.equal(verdict.level === "L1" && verdict.state === "final", false);
    assert.ok(outcomes(verdict).includes("block unknown"));
  }
  const liar = createFakeNode([real, { ...invented, root: flip(invented.root) }]);
  assert.deepEqual(failed(await verifyProof(fixture.proof(invented, real), { endpoints: [liar] })), [
    "event",
  ]);
  // A thousand copies are a thousand checks but no thousand questions.
  const node = createFakeNode([real]);
  assert.equal(
    (await verifyProof(fixture.proof(...Array(100).fill(real)), { endpoints: [node] })).level,
    "L1",
  );
  assert.equal(node.calls.length, 4);
});

Deno.test("verifyProof() takes the state at L1 only from what was confirmed", async () => {
  const onOther: EvmProofAnchor = { ...await fixture.evm("final", { size: 9 }), chainId: "eip155:1" };
  const verdict = await verifyProof(fixture.proof(onOther, confirmed), {
    endpoints: [createFakeNode([confirmed])],
  });
  assert.deepEqual([verdict.ok, verdict.level, verdict.state], [true, "L1", "confirmed"]);
  // The expected submitter's anchor is on a chain that nobody asked about.
  const boss = "0x00000000000000000000000000000000000000AA";
  const unasked = await verifyProof(fixture.proof({ ...onOther, submitter: boss }, confirmed), {
    endpoints: [createFakeNode([confirmed])],
    submitter: boss,
  });
  assert.deepEqual([unasked.ok, unasked.level], [true, "L0"]);
});

Deno.test("verifyProof() believes final only where the endpoint shows it", async () => {
  const final = await fixture.evm("final");
  const ask = async (head: number, change = (_: string, answer: unknown) => answer) =>
    await verifyProof(fixture.proof(final), { endpoints: [createFakeNode([final], { head, change })] });
  // The block is 1 011, the node's finalized one 64 below its head.
  for (const [head, state] of [[1_075, "final"], [1_074, "anchored"], [1_011, "anchored"]] as const) {
    const verdict = await ask(head);
    assert.deepEqual([verdict.ok, verdict.level, verdict.state], [true, "L1", state]);
    assert.equal(outcomes(verdict).at(-1), state === "final" ? "finality pass" : "finality unknown");
    const withoutTag = await ask(
      head,
      (_, answer) => answer !== null && (answer as { hash?: string }).hash === hash32(1) ? null : answer,
    );
    assert.equal(withoutTag.state, state);
  }
});

Deno.test("verifyProof() ends with the signal's reason, once every endpoint is done", async () => {
  const stop = new Error("stop");
  const endpoint = { name: "http://slow", request: () => Promise.reject(stop) };
  await assert.rejects(() => verifyProof(good, { endpoints: [createFakeNode([confirmed]), endpoint] }), stop);
});
