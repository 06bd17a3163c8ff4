import assert from "node:assert/strict";
import { UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { checkEvmAnchors, type IncludedAnchor } from "../../../lib/verify/check_evm_anchors.ts";
import { KNOWN_CODE_HASHES } from "../../../lib/verify/known_contracts.ts";
import type { EvmAnchor, EvmProofAnchor } from "../../../lib/verify/proof.ts";
import { verdictExitCode } from "../../../lib/verify/verdict.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { proofOfTrainingCodeHash } from "../../../contracts/artifact.ts";
import {
  type Answers,
  createFakeNode,
  createProofFixture,
  deployedCode,
  type FakeNodeOptions,
  hash32,
} from "../../_fakes/proof_fixture.ts";

type Included = IncludedAnchor & EvmProofAnchor;

const fixture = await createProofFixture();
const anchor = await fixture.evm("confirmed") as Included;
const claimed = { position: 0, anchor, isProvenInBlock: false };

async function ask(options: FakeNodeOptions, asked: EvmAnchor = anchor) {
  const node = createFakeNode([anchor], options);
  const { checks } = await checkEvmAnchors([{ ...claimed, anchor: asked as Included }], node);
  const { name, outcome, detail } = checks.at(-1)!;
  return { name, outcome, detail };
}

/** Changes the answer to one method. */
const on = (method: string, change: (answer: Answers) => unknown): FakeNodeOptions => ({
  change: (asked, answer) => asked === method ? change(answer) : answer,
});
const onReceipt = (change: Answers) =>
  on("eth_getTransactionReceipt", (receipt) => ({ ...receipt, ...change }));
const onEvent = (change: (event: Answers) => Answers) =>
  on("eth_getTransactionReceipt", (receipt) => ({
    ...receipt,
    logs: receipt["logs"].map((log: Answers, i: number) => i === 1 ? change(log) : log),
  }));

Deno.test("KNOWN_CODE_HASHES holds the contract of this release", () => {
  assert.ok(KNOWN_CODE_HASHES.includes(proofOfTrainingCodeHash));
  assert.ok(KNOWN_CODE_HASHES.every((hash) => /^0x[0-9a-f]{64}$/.test(hash)));
});

Deno.test("checkEvmAnchors() confirms an anchor that is there, however the node spells hex", async () => {
  const node = createFakeNode([anchor]);
  const { checks, answers, chainId } = await checkEvmAnchors([claimed], node);
  assert.deepEqual(checks.map(({ name, outcome, detail }) => [name, outcome, detail]), [
    ["block", "pass", "http://node has block 1011 of 2027-01-15T08:00:11.000Z with this hash"],
    ["event", "pass", `${anchor.submitter} anchored size 11 and this root in transaction ${hash32(11)}`],
    ["code", "pass", `${anchor.contract} is a released ProofOfTraining contract`],
  ]);
  const yes = { position: 0, says: "yes", isFinal: false, knowsTransaction: true } as const;
  assert.deepEqual([answers, chainId], [[yes], "eip155:31337"]);
  assert.ok(checks.every(({ anchor, endpoint }) => anchor === 0 && endpoint === "http://node"));
  const upper = (value: unknown): unknown =>
    typeof value === "string"
      ? `0x${value.slice(2).toUpperCase()}`
      : Array.isArray(value)
      ? value.map(upper)
      : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, upper(inner)]))
      : value;
  const shouting = await checkEvmAnchors(
    [claimed],
    createFakeNode([anchor], { change: (_, answer) => upper(answer) }),
  );
  assert.deepEqual(shouting.answers, [yes]);
});

const failures: readonly (readonly [string, FakeNodeOptions, string, string])[] = [
  [
    "other block hash",
    on("eth_getBlockByNumber", (block) => ({ ...block, hash: hash32(2) })),
    "block",
    "block 1011 has another hash on http://node: the anchor is not on this chain",
  ],
  [
    "other time",
    on("eth_getBlockByNumber", (block) => ({ ...block, timestamp: "0x1" })),
    "block",
    "block 1011 has another time than the proof says",
  ],
  ["status 0", onReceipt({ status: "0x0" }), "event", "the anchor's transaction failed"],
  [
    "another transaction",
    onReceipt({ transactionHash: hash32(2) }),
    "event",
    "the receipt is of another transaction",
  ],
  [
    "another block",
    onReceipt({ blockHash: hash32(2) }),
    "event",
    "the anchor's transaction is in another block",
  ],
  [
    "another place",
    onReceipt({ transactionIndex: "0x4" }),
    "event",
    "the anchor's transaction has another place in its block",
  ],
  ["no events", onReceipt({ logs: [] }), "event", "the receipt has no event 1"],
  [
    "another contract",
    onEvent((event) => ({ ...event, address: hash32(7).slice(0, 42) })),
    "event",
    "the event is of another contract",
  ],
  [
    "another event",
    onEvent((event) => ({ ...event, topics: [hash32(7), event["topics"][1]] })),
    "event",
    "the event is not Anchored",
  ],
  [
    "a topic too many",
    onEvent((event) => ({ ...event, topics: [...event["topics"], hash32(7)] })),
    "event",
    "the event is not Anchored",
  ],
  ["no topics", onEvent((event) => ({ ...event, topics: [] })), "event", "the event is not Anchored"],
  [
    "another submitter",
    onEvent((event) => ({ ...event, topics: [event["topics"][0], hash32(7)] })),
    "event",
    "another submitter anchored",
  ],
  [
    "another size",
    onEvent((event) => ({ ...event, data: `${event["data"].slice(0, 65)}c${event["data"].slice(66)}` })),
    "event",
    "the event commits to another size or root",
  ],
  [
    "another root",
    onEvent((event) => ({
      ...event,
      data: `${event["data"].slice(0, 129)}${event["data"][129] === "0" ? "1" : "0"}${
        event["data"].slice(130)
      }`,
    })),
    "event",
    "the event commits to another size or root",
  ],
  [
    "surplus data",
    onEvent((event) => ({ ...event, data: `${event["data"]}00` })),
    "event",
    "the event commits to another size or root",
  ],
  ["no code", { code: "0x" }, "code", `there is no contract at ${anchor.contract}`],
];

Deno.test("checkEvmAnchors() says no to each thing that is not as the proof says", async () => {
  for (const [what, options, name, detail] of failures) {
    assert.deepEqual(await ask(options), { name, outcome: "fail", detail }, what);
    const verdict = await verifyProof(fixture.proof(anchor), {
      endpoints: [createFakeNode([anchor], options)],
    });
    assert.equal(verdictExitCode(verdict), 1, what);
  }
  const elsewhere = { ...anchor, inclusion: { ...anchor.inclusion, logIndex: 0 } };
  assert.equal((await ask({}, elsewhere)).detail, "the event is of another contract");
  const beyond = { ...anchor, inclusion: { ...anchor.inclusion, logIndex: Number.MAX_SAFE_INTEGER } };
  assert.equal((await ask({}, beyond)).outcome, "fail");
});

Deno.test("checkEvmAnchors() wants the proof's code hash, and that of a released contract", async () => {
  const other = await ask({ code: `${deployedCode()}00` });
  assert.equal(other.outcome, "fail");
  assert.match(other.detail, /^the contract's code hash is 0x[0-9a-f]{64}, not the proof's$/);
  const actual = other.detail.match(/0x[0-9a-f]{64}/)![0];
  const unknown = await ask({ code: `${deployedCode()}00` }, { ...anchor, codeHash: actual });
  assert.equal(unknown.outcome, "fail");
  assert.equal(
    unknown.detail,
    `the code at ${anchor.contract} is no released ProofOfTraining contract (${actual})`,
  );
});

Deno.test("checkEvmAnchors() cannot tell where the node lacks the block or the receipt", async () => {
  assert.deepEqual(await ask(on("eth_getBlockByNumber", () => null)), {
    name: "block",
    outcome: "unknown",
    detail: "http://node does not have block 1011: it may lag behind",
  });
  assert.deepEqual(await ask(on("eth_getTransactionReceipt", () => null)), {
    name: "event",
    outcome: "unknown",
    detail: "http://node does not have the receipt: it may have pruned it",
  });
});

Deno.test("checkEvmAnchors() takes every malformed answer and every outage for unknown, exit code 4", async () => {
  const junk = [undefined, true, 1, "", "x", "0x", "0xzz", [], {}, "0x1g"];
  const cases: FakeNodeOptions[] = [
    ...[...junk, null].map((value) => on("eth_chainId", () => value)),
    ...junk.map((value) => on("eth_getBlockByNumber", () => value)),
    ...junk.map((value) => on("eth_getTransactionReceipt", () => value)),
    ...[...junk.filter((value) => value !== "0x"), null, "0x1"].map((value) =>
      on("eth_getCode", () => value)
    ),
    ...[...junk, null].flatMap((value) => [
      on("eth_getBlockByNumber", (block) => ({ ...block, timestamp: value })),
      onReceipt({ status: value }),
      onReceipt({ transactionIndex: value }),
    ]),
    ...[...junk, null, hash32(1).slice(0, 64), `${hash32(1)}00`].flatMap((value) => [
      on("eth_getBlockByNumber", (block) => ({ ...block, hash: value })),
      onReceipt({ transactionHash: value }),
      onReceipt({ blockHash: value }),
    ]),
    ...[undefined, null, "x", 1, {}].map((logs) => onReceipt({ logs })),
    ...[null, "x", 1, true].map((log) => onReceipt({ logs: [null, log] })),
    ...[undefined, null, "x", 1, {}].map((topics) => onEvent((event) => ({ ...event, topics }))),
    ...[undefined, null, 1, "x"].flatMap((value) => [
      onEvent((event) => ({ ...event, topics: [value, event["topics"][1]] })),
      onEvent((event) => ({ ...event, address: value })),
      onEvent((event) => ({ ...event, data: value })),
    ]),
    ...["eth_chainId", "eth_getBlockByNumber", "eth_getTransactionReceipt", "eth_getCode"].map((method) =>
      on(method, () => {
        throw new UnreachableError("Cannot ask http://node as it gave no proper answer");
      })
    ),
  ];
  for (const [i, options] of cases.entries()) {
    const verdict = await verifyProof(fixture.proof(anchor), {
      endpoints: [createFakeNode([anchor], options)],
    });
    const last = verdict.checks.at(-1)!;
    assert.deepEqual([last.name, last.outcome], ["endpoint", "unknown"], `case ${i}: ${last.detail}`);
    assert.deepEqual([verdict.ok, verdict.level, verdictExitCode(verdict)], [true, "L0", 4], `case ${i}`);
    assert.match(last.detail, /^http:\/\/node could not be asked: Cannot /);
  }
});

Deno.test("checkEvmAnchors() refuses an endpoint of another chain as wrong usage", async () => {
  await assert.rejects(() => ask(on("eth_chainId", () => "0x1")), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, "Cannot verify the anchor as the endpoint serves another chain");
    assert.deepEqual(error.facts, ["endpoint: http://node on eip155:1", "proof: anchored on eip155:31337"]);
    assert.equal(error.exitCode, 2);
    return true;
  });
});

Deno.test("checkEvmAnchors() goes on to the next anchor after one that is not there, but not after an outage", async () => {
  const position = (at: number, asked: Included) => ({
    position: at,
    anchor: asked,
    isProvenInBlock: false,
  });
  const other = await fixture.evm("confirmed", { size: 9 }) as Included;
  const missing = await fixture.evm("confirmed", { size: 8 }) as Included;
  const lie = { ...other, inclusion: { ...other.inclusion, blockHash: hash32(1) } };
  const node = createFakeNode([anchor, other]);
  const asked = [position(0, lie), position(1, missing), position(2, anchor)];
  const { answers } = await checkEvmAnchors(asked, node);
  assert.deepEqual(answers.map(({ says }) => says), ["no", "unknown", "yes"]);
  const down = createFakeNode(
    [anchor, other],
    on("eth_getCode", () => {
      throw new UnreachableError("Cannot ask http://node as it gave no proper answer");
    }),
  );
  const { answers: none, checks } = await checkEvmAnchors([position(0, anchor), position(1, other)], down);
  assert.deepEqual(none.map(({ says }) => says), ["unknown"]);
  assert.deepEqual(checks.map(({ name }) => name), ["block", "event", "endpoint"]);
});

Deno.test("checkEvmAnchors() asks about 100 anchors at most, so that a proof cannot send its reader's requests by the thousand", async () => {
  const many = await Promise.all(Array.from({ length: 150 }, async (_, i) => {
    const inclusion = { ...anchor.inclusion, blockNumber: BigInt(5_000 + i), transactionHash: hash32(i) };
    return await Promise.resolve({ position: i, anchor: { ...anchor, inclusion }, isProvenInBlock: false });
  }));
  const node = createFakeNode(many.map((asked) => asked.anchor));
  const { answers, checks } = await checkEvmAnchors(many, node);
  assert.equal(answers.length, 100);
  assert.equal(checks.at(-1)!.detail, "http://node was asked about the first 100 anchors of its chain only");
  assert.equal(checks.at(-1)!.outcome, "unknown");
});

Deno.test("checkEvmAnchors() takes the block's hash for the event where the proof holds the receipt and the node has pruned it", async () => {
  const proven = { position: 0, anchor, isProvenInBlock: true };
  const failing = (method: string) =>
    on(method, () => {
      throw new UnreachableError("Cannot ask http://node as it gave no proper answer");
    });
  for (const options of [on("eth_getTransactionReceipt", () => null), failing("eth_getTransactionReceipt")]) {
    const { answers, checks } = await checkEvmAnchors([proven], createFakeNode([anchor], options));
    assert.deepEqual(answers, [{ position: 0, says: "yes", isFinal: false, knowsTransaction: false }]);
    assert.equal(
      checks[1]!.detail,
      "http://node no longer has the receipt; the one in the proof is in that block",
    );
  }
  // The block itself it must have, with this hash; and a receipt that it does have must not say otherwise.
  for (
    const [options, says] of [
      [on("eth_getBlockByNumber", () => null), "unknown"],
      [failing("eth_getBlockByNumber"), "unknown"],
      [on("eth_getBlockByNumber", (block) => ({ ...block, hash: hash32(2) })), "no"],
      [onReceipt({ blockHash: hash32(2) }), "no"],
    ] as const
  ) {
    assert.equal((await checkEvmAnchors([proven], createFakeNode([anchor], options))).answers[0]!.says, says);
  }
});
