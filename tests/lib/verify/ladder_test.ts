import assert from "node:assert/strict";
import { UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { encodeRecord } from "../../../lib/core/encode_record.ts";
import { parseRecord } from "../../../lib/core/parse_record.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import type { EvmProofAnchor } from "../../../lib/verify/proof.ts";
import { type Verdict, verdictExitCode } from "../../../lib/verify/verdict.ts";
import { type VerifyOptions, verifyProof } from "../../../lib/verify/verify_proof.ts";
import {
  CONTRACT,
  createFakeNode,
  createProofFixture,
  type FakeNode,
  hash32,
  SUBMITTER,
} from "../../_fakes/proof_fixture.ts";
import { withReceiptProof } from "../../_fakes/receipt_fixture.ts";

const fixture = await createProofFixture();
const plain = await fixture.evm("confirmed");
const proven = await withReceiptProof(plain, { count: 200 });
const reorged = { ...plain, inclusion: { ...plain.inclusion!, blockHash: hash32(2) } };

/** Level, reach, state and exit code. */
const summary = (verdict: Verdict) => [verdict.level, verdict.reach, verdict.state, verdictExitCode(verdict)];
const failed = ({ checks }: Verdict) =>
  checks.filter(({ outcome }) => outcome === "fail").map(({ name }) => name);

Deno.test("verifyProof() leads offline to the block's hash where the receipt was captured, and says what rests on what", async () => {
  const verdict = await verifyProof(fixture.proof(proven), { logKey: fixture.signer.verifierKey });
  assert.deepEqual(summary(verdict), ["L0", "block", "confirmed", 0]);
  const { blockHash, transactionHash, receiptProof } = proven.inclusion;
  assert.deepEqual(
    verdict.checks.slice(-3).map(({ name, outcome, detail, anchor }) => [name, outcome, detail, anchor]),
    [
      ["event", "pass", `${SUBMITTER} anchored size 11 and this root: event 1 of the receipt`, 0],
      [
        "receipt",
        "pass",
        `it is receipt 3 under the header's receipts root (${receiptProof.path.length} nodes)`,
        0,
      ],
      [
        "header",
        "pass",
        `the header is that of block 1011 of 2027-01-15T08:00:11.000Z: it hashes to ${blockHash}`,
        0,
      ],
    ],
  );
  assert.deepEqual(verdict.restsOn, [
    "the signature of the log key that was given",
    `hashing alone, from the record to block hash ${blockHash}`,
    `the file's word that this is block 1011 of eip155:31337, and that the contract ${CONTRACT} is ours: ask with --rpc, or look the hash up elsewhere`,
    `the file's word for the transaction's hash, ${transactionHash}`,
  ]);
  assert.deepEqual(verdict.notProven, [
    "when it happened: only that the record existed by 2027-01-15T08:00:11.000Z, if that block is on the chain; recordedAt is the recorder's clock",
    `whose account ${SUBMITTER} is: compare it with the published one (--submitter)`,
    `what contract ${CONTRACT} began with: a code hash does not show it, and who deployed it could have planted anchors of any account: compare the address with the published one (--contract)`,
    "order: the log has the record at this place, before all that come after it; not that things happened in that order",
    "completeness: other records may say otherwise, and what was never recorded leaves no trace",
    "that the training was honest: only that these bytes were recorded",
  ]);
  // The same through a file.
  const read = await verifyProof(parseProof(formatProof(fixture.proof(proven))));
  assert.deepEqual(summary(read), ["L0", "block", "confirmed", 0]);
});

Deno.test("verifyProof() stays at the checkpoint where the receipt is missing, or unavailable on its chain, and says so", async () => {
  const without = await verifyProof(fixture.proof(plain));
  assert.deepEqual(summary(without), ["L0", "checkpoint", "confirmed", 0]);
  assert.ok(
    without.restsOn.includes(
      "the file's word for the anchor, its block and its time on eip155:31337: ask with --rpc",
    ),
  );
  const inclusion = { ...plain.inclusion!, receiptProof: "unavailable" as const };
  const unavailable = await verifyProof(fixture.proof({ ...plain, inclusion }));
  assert.deepEqual(summary(unavailable), ["L0", "checkpoint", "confirmed", 0]);
  assert.deepEqual(unavailable.checks.at(-1), {
    name: "receipt",
    outcome: "skipped",
    detail: "receipt proof unavailable on this chain",
    anchor: 0,
  });
  // It climbs as any other does.
  const asked = await verifyProof(fixture.proof({ ...plain, inclusion }), {
    endpoints: [createFakeNode([plain])],
  });
  assert.deepEqual(summary(asked), ["L1", "checkpoint", "confirmed", 0]);
});

Deno.test("verifyProof() says no to an anchor whose receipt, header or event is not its own, whatever an endpoint says", async () => {
  const next = await withReceiptProof({ ...plain, inclusion: { ...plain.inclusion!, blockNumber: 9n } });
  const lies: readonly (readonly [string, Partial<typeof proven.inclusion>, string])[] = [
    ["a receipt of another transaction", { transactionIndex: 4 }, "receipt"],
    ["the header of another block", { blockHash: hash32(1) }, "header"],
    ["the receipt of another block", { receiptProof: next.inclusion.receiptProof }, "header"],
    ["a log index of the block instead of the receipt", { logIndex: 7 }, "event"],
    ["another time", { blockTime: 1 }, "header"],
    ["another number", { blockNumber: 9n }, "header"],
  ];
  for (const [what, change, check] of lies) {
    const anchor = { ...proven, inclusion: { ...proven.inclusion, ...change } };
    const node = createFakeNode([anchor]);
    const verdict = await verifyProof(fixture.proof(plain, anchor), { endpoints: [node] });
    assert.deepEqual([summary(verdict), failed(verdict)], [["none", "none", "confirmed", 1], [check]], what);
    assert.deepEqual([verdict.anchors.map(({ outcome }) => outcome), verdict.best], [
      ["claimed", "invalid"],
      undefined,
    ]);
    assert.deepEqual([node.calls, verdict.restsOn, verdict.notProven], [[], [], []]);
  }
  for (const change of [{ contract: hash32(7).slice(0, 42) }, { submitter: hash32(7).slice(0, 42) }]) {
    assert.deepEqual(failed(await verifyProof(fixture.proof({ ...proven, ...change }))), ["event"]);
  }
});

Deno.test("verifyProof() says of each anchor whether it is the one that the record does not lead to", async () => {
  const { anchors, checks } = await verifyProof(fixture.proof(proven, { ...plain, path: [] }, plain));
  assert.deepEqual(anchors.map(({ outcome, level, reach }) => [outcome, level, reach]), [
    ["claimed", "L0", "block"],
    ["invalid", "none", "none"],
    ["claimed", "L0", "checkpoint"],
  ]);
  assert.deepEqual(
    checks.filter(({ outcome }) => outcome === "fail").map(({ name, anchor }) => [name, anchor]),
    [
      ["inclusion", 1],
    ],
  );
});

Deno.test("verifyProof() refuses the header of another chain once an endpoint of the named chain is asked; offline the hash is a claim", async () => {
  // A real block, but of a chain that the proof does not name.
  const offline = await verifyProof(fixture.proof(proven));
  assert.ok(
    offline.restsOn.some((line) =>
      line.startsWith("the file's word that this is block 1011 of eip155:31337")
    ),
  );
  const chain = createFakeNode([{ ...plain, inclusion: { ...plain.inclusion!, blockHash: hash32(9) } }]);
  const asked = await verifyProof(fixture.proof(proven), { endpoints: [chain] });
  assert.deepEqual([summary(asked), failed(asked)], [["none", "none", "confirmed", 1], ["block"]]);
});

const node = (name: string, anchors: readonly EvmProofAnchor[] = [plain], options = {}) =>
  createFakeNode(anchors, { name: `http://${name}`, ...options });
const down = (name: string): FakeNode =>
  node(name, [], {
    change: () => {
      throw new UnreachableError(`Cannot ask http://${name} as it gave no proper answer`);
    },
  });
/** Its finalized block is far below the anchor's. */
const early = (name: string) => node(name, [plain], { head: 1_020 });
const yes = (name: string) => node(name);
const no = (name: string) => node(name, [reorged]);
const lags = (name: string) => node(name, []);

/** Who answers how, the quorum, and level, state and exit code. */
const councils: readonly (readonly [
  string,
  readonly ((name: string) => FakeNode)[],
  number | undefined,
  string,
  string,
  number,
])[] = [
  ["one yes", [yes], undefined, "L1", "confirmed", 0],
  ["one no", [no], undefined, "none", "confirmed", 1],
  ["one outage", [down], undefined, "L0", "confirmed", 4],
  ["one that lags", [lags], undefined, "L0", "confirmed", 4],
  ["two yes", [yes, yes], undefined, "L2", "final", 0],
  ["two yes, not final on one", [yes, early], undefined, "L1", "confirmed", 0],
  ["two no", [no, no], undefined, "none", "confirmed", 1],
  ["a yes and a no", [yes, no], undefined, "L0", "confirmed", 4],
  ["a yes and an outage", [yes, down], undefined, "L1", "confirmed", 0],
  ["a yes and one that lags", [yes, lags], undefined, "L1", "confirmed", 0],
  ["a no and an outage", [no, down], undefined, "L0", "confirmed", 4],
  ["two outages", [down, down], undefined, "L0", "confirmed", 4],
  ["two yes and a no", [yes, no, yes], undefined, "L2", "final", 0],
  ["a yes and two no", [no, yes, no], undefined, "none", "confirmed", 1],
  ["a yes, a no and an outage", [yes, no, down], undefined, "L0", "confirmed", 4],
  ["two of four", [yes, yes, no, no], undefined, "L0", "confirmed", 4],
  ["two of four, and nobody contradicts", [yes, yes, down, down], undefined, "L1", "confirmed", 0],
  ["three of five and two no", [yes, yes, no, yes, no], undefined, "L2", "final", 0],
  ["two of five and a no", [yes, yes, no, down, down], undefined, "L0", "confirmed", 4],
  ["two of four, where two are enough for either", [yes, yes, no, no], 2, "L0", "confirmed", 4],
  ["two yes of four, three asked for", [yes, yes, down, down], 3, "L0", "confirmed", 4],
  ["three yes of four, three asked for", [yes, yes, down, yes], 3, "L2", "final", 0],
  ["three yes of four, final on two", [yes, yes, early, down], 3, "L1", "confirmed", 0],
  ["two no of four, three asked for", [no, no, down, down], 3, "L0", "confirmed", 4],
  ["three no of four, three asked for", [no, no, no, down], 3, "none", "confirmed", 1],
  ["a yes and an outage, two asked for", [yes, down], 2, "L0", "confirmed", 4],
];

Deno.test("verifyProof() weighs endpoints: k of n for L2, a quorum for no, could not tell for anything between", async () => {
  for (const [what, council, quorum, level, state, code] of councils) {
    const endpoints = council.map((make, i) => make(`node${i}`));
    const verdict = await verifyProof(fixture.proof(plain), {
      endpoints,
      ...(quorum === undefined ? {} : { quorum }),
    });
    assert.deepEqual([verdict.level, verdict.state, verdictExitCode(verdict)], [level, state, code], what);
    // Never final by fewer than were asked for, never no by an outage.
    const weighed = verdict.checks.find(({ name }) => name === "quorum");
    assert.equal(weighed === undefined, council.length === 1, what);
    const [standing] = verdict.anchors;
    assert.equal(standing!.confirmedBy.length > 0, level === "L1" || level === "L2", what);
  }
});

Deno.test("verifyProof() names the endpoints that an answer rests on, and how they voted", async () => {
  const verdict = await verifyProof(fixture.proof(proven), {
    endpoints: [node("a", [proven]), node("b", [proven]), no("c")],
    submitter: SUBMITTER,
  });
  assert.deepEqual(summary(verdict), ["L2", "block", "final", 0]);
  assert.equal(
    verdict.checks.at(-1)!.detail,
    "of 3 endpoints 2 say yes, 1 say no, 0 could not tell: at least 2 agree, and on them the block is final",
  );
  assert.deepEqual(verdict.restsOn.slice(1), [
    "hashing alone, from the record to the hash of that block",
    "http://a, http://b, which agree on that block, that it is final, and the contract's code",
  ]);
  assert.deepEqual(verdict.anchors[0]!.confirmedBy, ["http://a", "http://b"]);
  assert.equal(
    verdict.notProven[0],
    "when it happened: only that the record existed by 2027-01-15T08:00:11.000Z, the time of the block; recordedAt is the recorder's clock",
  );
  assert.equal(verdict.notProven.some((line) => line.startsWith("whose account")), false);
});

Deno.test("verifyProof() reaches L1 through the block's hash where an endpoint pruned the receipt that the proof holds", async () => {
  const pruned = node("pruned", [proven], {
    change: (method: string, answer: unknown) => method === "eth_getTransactionReceipt" ? null : answer,
  });
  const verdict = await verifyProof(fixture.proof(proven), { endpoints: [pruned] });
  assert.deepEqual(summary(verdict), ["L1", "block", "confirmed", 0]);
  assert.ok(
    verdict.restsOn.includes(
      `the file's word for the transaction's hash, ${proven.inclusion.transactionHash}`,
    ),
  );
  // Without the captured receipt, it could not tell.
  const { receiptProof: _, ...inclusion } = proven.inclusion;
  const bare = await verifyProof(fixture.proof({ ...proven, inclusion }), { endpoints: [pruned] });
  assert.deepEqual(summary(bare), ["L0", "checkpoint", "confirmed", 4]);
});

Deno.test("verifyProof() is as good as the best anchor, on several chains and sizes, and says which", async () => {
  const onOther: EvmProofAnchor = { ...await fixture.evm("final", { size: 9 }), chainId: "eip155:137" };
  const local = await fixture.local({ size: 7 });
  const pending = await fixture.evm("pending", { size: 8 });
  const proof = fixture.proof(local, pending, onOther, proven);
  // Offline: the file leads further with the one whose receipt it holds.
  const offline = await verifyProof(proof);
  assert.deepEqual([offline.best, ...summary(offline)], [3, "L0", "block", "confirmed", 0]);
  // Of one chain only: that anchor counts more than a claim about another.
  const polygon = createFakeNode([onOther], {
    change: (method, answer) => method === "eth_chainId" ? "0x89" : answer,
  });
  const asked = await verifyProof(proof, { endpoints: [polygon] });
  assert.deepEqual([asked.best, ...summary(asked)], [2, "L1", "checkpoint", "final", 0]);
  assert.deepEqual(asked.anchors.map(({ outcome, level }) => [outcome, level]), [
    ["claimed", "L0"],
    ["claimed", "L0"],
    ["confirmed", "L1"],
    ["claimed", "L0"],
  ]);
  // Both chains: each endpoint speaks for its own.
  const both = await verifyProof(proof, { endpoints: [polygon, node("anvil", [proven])] });
  assert.deepEqual([both.best, both.level], [3, "L1"]);
  await assert.rejects(() => verifyProof(fixture.proof(local, proven), { endpoints: [polygon] }), UsageError);
});

Deno.test("verifyProof() does not count an anchor that a chain no longer has; only where none remains is the answer no", async () => {
  const other: EvmProofAnchor = await fixture.evm("confirmed", { size: 9 });
  const gone = { ...other, inclusion: { ...other.inclusion!, blockHash: hash32(2) } };
  const chain = () => node("anvil", [plain, gone]);
  const verdict = await verifyProof(fixture.proof(other, plain), { endpoints: [chain()] });
  assert.deepEqual([verdict.best, ...summary(verdict)], [1, "L1", "checkpoint", "confirmed", 0]);
  assert.deepEqual(verdict.anchors.map(({ outcome }) => outcome), ["denied", "confirmed"]);
  assert.equal(verdictExitCode(await verifyProof(fixture.proof(other), { endpoints: [chain()] })), 1);
  // What remains is what it is without a chain.
  const local = await fixture.local({ size: 7 });
  const pending = await fixture.evm("pending", { size: 8 });
  assert.deepEqual(summary(await verifyProof(fixture.proof(local, other), { endpoints: [chain()] })), [
    "L0",
    "checkpoint",
    "local",
    0,
  ]);
  assert.deepEqual(summary(await verifyProof(fixture.proof(other, pending), { endpoints: [chain()] })), [
    "L0",
    "checkpoint",
    "pending",
    3,
  ]);
  // Neither a claim about a chain that nobody asked, nor one that nobody could answer for, makes up for it.
  const elsewhere: EvmProofAnchor = { ...await fixture.evm("final", { size: 10 }), chainId: "eip155:999" };
  assert.deepEqual(summary(await verifyProof(fixture.proof(other, elsewhere), { endpoints: [chain()] })), [
    "L0",
    "checkpoint",
    "final",
    4,
  ]);
  const unknown = await fixture.evm("final", { size: 8 });
  assert.deepEqual(
    verdictExitCode(await verifyProof(fixture.proof(other, unknown), { endpoints: [chain()] })),
    4,
  );
  // Nor does that of somebody else.
  const boss = "0x00000000000000000000000000000000000000AA";
  const theirs: EvmProofAnchor = { ...plain, submitter: boss };
  const expected = await verifyProof(fixture.proof(other, theirs), {
    endpoints: [chain()],
    submitter: SUBMITTER,
  });
  assert.deepEqual(summary(expected), ["none", "none", "confirmed", 1]);
});

Deno.test("verifyProof() calls a record of an unknown version wrong usage, and a damaged one invalid", async () => {
  const good = fixture.proof(plain);
  const versioned = (schema: string) => {
    const text = new TextDecoder().decode(good.record).replace("pot-record/1", schema);
    return { ...good, record: new TextEncoder().encode(text) };
  };
  assert.equal(
    new TextDecoder().decode(encodeRecord(parseRecord(good.record))).includes("pot-record/1"),
    true,
  );
  for (const schema of ["pot-record/2", "pot-record/10"]) {
    await assert.rejects(() => verifyProof(versioned(schema)), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, "Cannot read the record as its schema is not known");
      assert.deepEqual(error.facts, [`schema: "${schema}"`, "known: pot-record/1"]);
      return true;
    });
  }
  for (const schema of ["pot-record/", "pot-record/x", "pot-record/0", "pot-record/01", "pot-proof/1", ""]) {
    const verdict = await verifyProof(versioned(schema));
    assert.deepEqual(failed(verdict), ["record", "inclusion"], schema);
    assert.equal(verdictExitCode(verdict), 1);
  }
});

Deno.test("verifyProof() refuses a quorum that its endpoints can't reach, or that one could, as wrong usage", async () => {
  const endpoints = [yes("a"), yes("b")];
  const wrong: readonly VerifyOptions[] = [
    { quorum: 2 },
    { quorum: 3, endpoints },
    { quorum: 1, endpoints },
    { quorum: 0, endpoints },
    { quorum: 1.5, endpoints },
    { quorum: NaN, endpoints },
  ];
  for (const options of wrong) {
    await assert.rejects(() => verifyProof(fixture.proof(plain), options), {
      name: "UsageError",
      message: "Cannot verify the proof as the quorum must be from 2 to the number of endpoints",
    });
  }
});
