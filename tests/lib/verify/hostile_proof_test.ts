import assert from "node:assert/strict";
import { PotError } from "../../../lib/core/errors.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import { verdictExitCode } from "../../../lib/verify/verdict.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { createCli } from "../../_fakes/cli_harness.ts";
import { createProofFixture, hash32 } from "../../_fakes/proof_fixture.ts";
import { anchoredLog, otherLog, withReceiptProof } from "../../_fakes/receipt_fixture.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

const fixture = await createProofFixture();
const plain = await fixture.evm("confirmed");
const proven = await withReceiptProof(plain, { count: 150 });
const text = formatProof(fixture.proof(proven));
const other = await withReceiptProof({ ...plain, inclusion: { ...plain.inclusion!, transactionIndex: 5 } }, {
  count: 150,
});
/** A whole block in which another contract, or another account, says the same. */
const made = async (change: Partial<ReturnType<typeof anchoredLog>>) =>
  (await withReceiptProof(plain, {
    count: 150,
    change: (draft) => ({ ...draft, logs: [otherLog, { ...anchoredLog(plain), ...change }] }),
  })).inclusion;
const otherContract = await made({ address: new Uint8Array(20).fill(7) });
const otherSubmitter = await made({ topics: [anchoredLog(plain).topics[0]!, new Uint8Array(32).fill(7)] });
const asJson = (inclusion: typeof proven.inclusion) =>
  JSON.parse(formatProof(fixture.proof({ ...proven, inclusion }))).anchors[0].inclusion;

/** Changes the proof's text. */
type Change = (whole: string) => string;
const onJson = (change: (json: Json) => void): Change => (whole) => {
  const json = JSON.parse(whole);
  change(json);
  return JSON.stringify(json, null, 2);
};
const onReceipt = (change: (receiptProof: Json, inclusion: Json, anchor: Json) => void): Change =>
  onJson(({ anchors: [anchor] }) => change(anchor.inclusion.receiptProof, anchor.inclusion, anchor));
/** A byte more, where base64 is. */
const longer = (base64: string) => Uint8Array.of(...Uint8Array.fromBase64(base64), 0).toBase64();
/** The same bytes, with bits behind them that count for nothing. */
const looseBits = (base64: string) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const padded = base64.endsWith("=")
    ? base64
    : Uint8Array.of(...Uint8Array.fromBase64(base64), 0).toBase64();
  return padded.replace(/(.)(=+)$/, (_, last, end) => alphabet[alphabet.indexOf(last) + 1]! + end);
};

/** Each is refused: it does not parse, or the verdict is "invalid". */
const hostile: Readonly<Record<string, Change>> = {
  "base64 without its padding": onReceipt((proof) =>
    proof.header = proof.header.replace(/=+$/, "").slice(0, -1)
  ),
  "base64 with loose bits": onReceipt((proof) => proof.receipt = looseBits(proof.receipt)),
  "base64 in the URL alphabet": onReceipt((proof) => proof.path[0] = proof.path[0].replace(/[+/]/, "_")),
  "base64 with a line break": onReceipt((proof) =>
    proof.header = `${proof.header.slice(0, 76)}\n${proof.header.slice(76)}`
  ),
  "hex in upper case": onReceipt((_, inclusion) =>
    inclusion.blockHash = `0x${inclusion.blockHash.slice(2).toUpperCase()}`
  ),
  "hex of an odd length": onJson(({ anchors: [anchor] }) => anchor.root = anchor.root.slice(1)),
  "hex without its 0x": onReceipt((_, inclusion) =>
    inclusion.transactionHash = inclusion.transactionHash.slice(2)
  ),
  "a trailing byte behind the header": onReceipt((proof) => proof.header = longer(proof.header)),
  "a trailing byte behind the receipt": onReceipt((proof) => proof.receipt = longer(proof.receipt)),
  "a trailing byte behind a node": onReceipt((proof) => proof.path[1] = longer(proof.path[1])),
  "a trailing byte behind the file": (whole) => `${whole}x`,
  "index 2^64 - 1": onJson((json) => json.index = String(2n ** 64n - 1n)),
  "index 2^63 - 1, the largest that can be written": onJson((json) => json.index = String(2n ** 63n - 1n)),
  "size 2^64 - 1": onJson(({ anchors: [anchor] }) => anchor.size = String(2n ** 64n - 1n)),
  "block 2^64 - 1": onReceipt((_, inclusion) => inclusion.blockNumber = String(2n ** 64n - 1n)),
  "transaction index 2^64 - 1": (whole) =>
    whole.replace('"transactionIndex": 3', '"transactionIndex": 18446744073709551615'),
  "log index 2^64 - 1": (whole) => whole.replace('"logIndex": 1', '"logIndex": 18446744073709551615'),
  "a key twice": (whole) => whole.replace('"logIndex": 1', '"logIndex": 1, "logIndex": 1'),
  "a key twice, spelled otherwise": (whole) => whole.replace('"header":', '"\\u0068eader": "", "header":'),
  "a key twice within a receipt proof": (whole) => whole.replace('"receipt":', '"receipt": "", "receipt":'),
  "a field that is not known": onReceipt((proof) => proof.extra = 1),
  "nesting without an end": (whole) =>
    whole.replace('"logIndex": 1', `"logIndex": ${"[".repeat(100_000)}${"]".repeat(100_000)}`),
  "a receipt of another transaction": onReceipt((_, inclusion) =>
    Object.assign(inclusion.receiptProof, asJson(other.inclusion).receiptProof)
  ),
  "a receipt under another transaction's key": onReceipt((_, inclusion) => inclusion.transactionIndex = 5),
  "the header of another block": onReceipt((_, inclusion) => inclusion.blockHash = hash32(0x11)),
  "a header of another height": onReceipt((_, inclusion) => inclusion.blockNumber = "12"),
  "a header of another time": onReceipt((_, inclusion) => inclusion.blockTime += 12),
  "an event of another contract": onJson(({ anchors: [anchor] }) => anchor.inclusion = asJson(otherContract)),
  "an event of another submitter": onJson(({ anchors: [anchor] }) =>
    anchor.inclusion = asJson(otherSubmitter)
  ),
  "a submitter that did not anchor": onReceipt((_, __, anchor) => anchor.submitter = `0x${"12".repeat(20)}`),
  "a log index of the block instead of the receipt": onReceipt((_, inclusion) => inclusion.logIndex = 4),
  "a log index of another event of the receipt": onReceipt((_, inclusion) => inclusion.logIndex = 0),
  "nodes in another order": onReceipt((proof) => proof.path.reverse()),
  "a node twice": onReceipt((proof) => proof.path.push(proof.path[0])),
  "a node less": onReceipt((proof) => proof.path.pop()),
  "a record of another leaf": onJson((json) => json.record = fixture.recordBytes(5).toBase64()),
};

Deno.test("verifyProof() says yes to the proof that the hostile ones below are made of", async () => {
  const { answer, reach } = await verifyProof(parseProof(text));
  assert.deepEqual([answer, reach], ["valid", "block"]);
});

for (const [what, change] of Object.entries(hostile)) {
  Deno.test(`a proof with ${what} is refused`, async () => {
    const changed = change(text);
    assert.notEqual(changed, text);
    try {
      const verdict = await verifyProof(parseProof(changed));
      assert.deepEqual([verdict.ok, verdict.level, verdictExitCode(verdict)], [false, "none", 1]);
    } catch (error) {
      assert.ok(error instanceof PotError, String(error));
      assert.equal(error.exitCode, 1);
      assert.match(error.message, /^Cannot read the proof as /);
      assert.ok(error.message.length < 200);
    }
  });
}

Deno.test("pot verify exits with 2 for a proof and for a record of a version that it does not know, and with 1 for what is damaged", async () => {
  await using cli = await createCli();
  const record = new TextDecoder().decode(fixture.recordBytes(6)).replace("pot-record/1", "pot-record/7");
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    ["a.json", text.replace("pot-proof/1", "pot-proof/7"), 2, /its format version is not known/],
    [
      "b.json",
      onJson((json) => json.record = new TextEncoder().encode(record).toBase64())(text),
      2,
      /its schema is not known/,
    ],
    ["c.json", text.replace("pot-proof/1", "pot/1"), 1, /it is not a pot proof/],
    ["d.json", text.slice(0, -100), 1, /it ends in the middle/],
  ];
  for (const [name, content, code, reason] of cases) {
    await cli.write(name, content);
    const outcome = await cli.run("verify", name, "--offline");
    assert.equal(outcome.code, code, name);
    assert.match(outcome.err, reason);
  }
});
