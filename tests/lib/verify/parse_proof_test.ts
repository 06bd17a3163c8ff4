import assert from "node:assert/strict";
import { fromBase64, toBase64 } from "../../../lib/core/base64.ts";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import { formatProof, formatReceiptProof } from "../../../lib/verify/format_proof.ts";
import { parseReceiptProof } from "../../../lib/verify/parse_anchor.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import { type EvmProofAnchor, MAX_PROOF_BYTES, type Proof } from "../../../lib/verify/proof.ts";
import { createProofFixture, hash32, SUBMITTER } from "../../_fakes/proof_fixture.ts";
import { withReceiptProof } from "../../_fakes/receipt_fixture.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

const fixture = await createProofFixture();
/** anchors[0] is local, [1] pending, [2] confirmed, [3] the same with its receipt. */
const whole: Proof = fixture.proof(
  await fixture.local({ size: 7 }),
  await fixture.evm("pending", { size: 9 }),
  await fixture.evm("confirmed"),
  await withReceiptProof(await fixture.evm("final")),
);
/** Standard base64 of three bytes, and every way to spell them otherwise. */
const OTHER_BASE64 = ["-_-_", "+/+", "+/+/=", "+/+/\n", " +/+/", "+/+/+===", "=", "", "é"];

const read = (change: (json: Json) => void) => {
  const json = JSON.parse(formatProof(whole));
  change(json);
  return () => parseProof(JSON.stringify(json));
};

Deno.test("parseProof() gives back what formatProof() wrote, for every state", async () => {
  const states = ["pending", "anchored", "confirmed", "final"] as const;
  for (const state of states) {
    const proof = fixture.proof(await fixture.evm(state));
    assert.deepEqual(parseProof(formatProof(proof)), proof);
  }
  assert.deepEqual(parseProof(formatProof(whole)), whole);
  assert.equal(formatProof(parseProof(formatProof(whole))), formatProof(whole));
  assert.deepEqual(parseProof(formatProof(fixture.proof())).anchors, []);
});

Deno.test("parseProof() gives back the largest values that each field may have", () => {
  const text = read((json) => {
    json.record = toBase64(new Uint8Array(65_535).fill(7));
    json.index = String(2n ** 63n - 1n);
    json.anchors[2].inclusion.blockTime = 253_402_300_799;
    json.anchors[2].inclusion.logIndex = Number.MAX_SAFE_INTEGER;
    json.anchors[2].path = Array(64).fill("ff".repeat(32));
    json.anchors[3].inclusion.receiptProof = {
      header: toBase64(new Uint8Array(65_536)),
      receipt: toBase64(new Uint8Array(262_144)),
      path: Array(3).fill(toBase64(new Uint8Array(262_208))),
    };
  });
  const proof = text();
  assert.equal(proof.record.length, 65_535);
  assert.equal(proof.index, 2n ** 63n - 1n);
  assert.deepEqual(parseProof(formatProof(proof)), proof);
});

/** Where, what may stand there instead, and the words of the refusal. */
const wrongs: readonly (readonly [string, readonly unknown[], string])[] = [
  ["record", [
    1,
    null,
    "",
    "!",
    "e30",
    "e31=",
    " e30=",
    "e3-=",
    "e30=\n",
    toBase64(new Uint8Array(65_536)),
  ], "record must be canonical base64 of at most 65 535 bytes"],
  [
    "index",
    [1, null, "", "-1", "+1", "01", "1.0", "0x1", " 1", "1n", "9223372036854775808", "9".repeat(400)],
    "index must be a decimal string below 2^63, without leading zeros",
  ],
  ["logKeys", [null, {}, "x", Array(65).fill("k")], "logKeys must be a list of at most 64"],
  ["logKeys.0", [null, 1, {}, "k".repeat(1_025)], "logKeys[0] must be text of at most 1024 characters"],
  ["anchors", [null, {}, Array(1_001).fill(0)], "anchors must be a list of at most 1000"],
  ["anchors.0", [null, 1, [], {}], 'anchors[0].kind must be "evm" or "local"'],
  ["anchors.0.kind", ["EVM", null, ["evm"], "toString"], 'anchors[0].kind must be "evm" or "local"'],
  [
    "anchors.0.size",
    [11, "011", "9223372036854775808"],
    "anchors[0].size must be a decimal string below 2^63",
  ],
  [
    "anchors.0.root",
    [null, "AB".repeat(32), "ab".repeat(31), "ab".repeat(33), `0x${"ab".repeat(32)}`, `${"ab".repeat(32)}\n`],
    "anchors[0].root must be 64 lowercase hex characters",
  ],
  [
    "anchors.0.path",
    [null, {}, Array(65).fill("ab".repeat(32))],
    "anchors[0].path must be a list of at most 64",
  ],
  [
    "anchors.0.path.1",
    [null, "AB".repeat(32), "ab".repeat(31), ["ab".repeat(32)]],
    "anchors[0].path[1] must be 64 lowercase hex characters",
  ],
  [
    "anchors.0.checkpoint",
    [null, 1, "x".repeat(65_537)],
    "anchors[0].checkpoint must be text of at most 65536",
  ],
  ["anchors.0.state", ["anchored", "Local", null], 'anchors[0].state must be "local"'],
  ["anchors.0.chainId", ["local:", "eip155:1", "local:a\nb", 1], "anchors[0].chainId must be local:<origin>"],
  [
    "anchors.0.transactionId",
    ["1", "6f0e2b9c-1f9e-1d5f-9f61-111111111111", "6F0E2B9C-1F9E-4D5F-9F61-111111111111"],
    "anchors[0].transactionId must be a UUID v4",
  ],
  ["anchors.0.submitter", [SUBMITTER, "", null], "anchors[0].submitter must be local:<origin>"],
  ["anchors.0.blockNumber", [4, "04", "-4"], "anchors[0].blockNumber must be a decimal string below 2^63"],
  ["anchors.0.timestamp", ["1", -1, 0.5, 2 ** 53], "anchors[0].timestamp must be a whole number from 0"],
  [
    "anchors.0.timestamp",
    [253_402_300_800],
    "anchors[0].timestamp must be seconds since 1970, before year 10000",
  ],
  ["anchors.1.inclusion", [{}, null], "anchors[1].inclusion must be"],
  [
    "anchors.2.state",
    ["local", "FINAL", null],
    "anchors[2].state must be pending, anchored, confirmed, final",
  ],
  [
    "anchors.2.chainId",
    ["eip155:0", "eip155:01", "EIP155:1", "eip155:", "eip155:12345678901234567", 1],
    "anchors[2].chainId must be eip155:<number>",
  ],
  [
    "anchors.2.contract",
    ["0x12", SUBMITTER.slice(2), `0X${SUBMITTER.slice(2)}`, `${SUBMITTER}0`, null],
    "anchors[2].contract must be 0x and 40 hex characters",
  ],
  [
    "anchors.2.codeHash",
    [hash32(0xab).toUpperCase(), hash32(0xab).slice(2), null],
    "anchors[2].codeHash must be 0x and 64 lowercase hex characters",
  ],
  ["anchors.2.submitter", ["local:x", null], "anchors[2].submitter must be 0x and 40 hex characters"],
  ["anchors.2.transactionHashes", [null, hash32(1), Array(1_001).fill(hash32(1))], "a list of at most 1000"],
  [
    "anchors.2.transactionHashes.0",
    [null, "0x"],
    "anchors[2].transactionHashes[0] must be 0x and 64 lowercase",
  ],
  ["anchors.2.inclusion", [null, [], "x"], "anchors[2].inclusion must be an object"],
  ["anchors.2.inclusion.transactionHash", [hash32(0xbb)], "must be one of transactionHashes"],
  ["anchors.2.inclusion.transactionIndex", ["3", -1, 1.5, null], "must be a whole number from 0"],
  ["anchors.2.inclusion.blockNumber", [3, "03"], "must be a decimal string below 2^63"],
  ["anchors.2.inclusion.blockHash", ["0x", hash32(0xab).toUpperCase()], "must be 0x and 64 lowercase hex"],
  ["anchors.2.inclusion.blockTime", ["3", 253_402_300_800], "anchors[2].inclusion.blockTime must be"],
  ["anchors.2.inclusion.logIndex", ["1", -1], "must be a whole number from 0"],
  [
    "anchors.2.inclusion.receiptProof",
    [null, "UNAVAILABLE", "unavailable ", [], 1, true],
    'anchors[2].inclusion.receiptProof must be an object or "unavailable"',
  ],
  [
    "anchors.3.inclusion.receiptProof.header",
    [null, 1, [], ...OTHER_BASE64, "+/+/".repeat(21_846)],
    "anchors[3].inclusion.receiptProof.header must be canonical base64 of at most 65 536 bytes",
  ],
  [
    "anchors.3.inclusion.receiptProof.receipt",
    [null, {}, ...OTHER_BASE64, "+/+/".repeat(87_382)],
    "anchors[3].inclusion.receiptProof.receipt must be canonical base64 of at most 262 144 bytes",
  ],
  [
    "anchors.3.inclusion.receiptProof.path",
    [null, {}, "x", Array(21).fill("+/+/")],
    "anchors[3].inclusion.receiptProof.path must be a list of at most 20",
  ],
  [
    "anchors.3.inclusion.receiptProof.path",
    [[]],
    "anchors[3].inclusion.receiptProof.path must be a list of at least one node",
  ],
  [
    "anchors.3.inclusion.receiptProof.path.1",
    [null, 1, ["+/+/"], ...OTHER_BASE64, "+/+/".repeat(87_404)],
    "anchors[3].inclusion.receiptProof.path[1] must be canonical base64 of at most 262 208 bytes",
  ],
];

Deno.test("parseProof() refuses each field's wrong types and spellings, naming it, with exit code 1", () => {
  for (const [path, values, words] of wrongs) {
    for (const value of values) {
      const change = (json: Json) => {
        const steps = path.split(".");
        const holder = steps.slice(0, -1).reduce((at, step) => at[step], json);
        holder[steps.at(-1)!] = value;
      };
      assert.throws(read(change), (error) => {
        assert.ok(error instanceof PotError, `${path} ${error}`);
        assert.equal(error.exitCode, 1);
        assert.ok(
          error.message.startsWith("Cannot read the proof as ") && error.message.includes(words),
          error.message,
        );
        assert.ok(error.facts.every((fact) => fact.length < 200));
        return true;
      }, `${path} = ${JSON.stringify(value)?.slice(0, 90)}`);
    }
  }
});

/** Every path to a field of an object within the value. */
function fieldPaths(value: Json, at: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    ...(Array.isArray(value) ? [] : [[...at, key]]),
    ...fieldPaths(child, [...at, key]),
  ]);
}

Deno.test("parseProof() refuses a proof that lacks a field, has one twice, or one that is unknown", () => {
  const json = JSON.parse(formatProof(whole));
  const paths = fieldPaths(json);
  assert.equal(paths.length, 62);
  for (const path of paths) {
    const at = (value: Json) => path.slice(0, -1).reduce((holder, step) => holder[step], value);
    const name = path.at(-1)!;
    const without = read((copy) => delete at(copy)[name]);
    // Without its receipt, an anchor is one whose receipt was not captured.
    if (name === "receiptProof") without();
    else assert.throws(without, PotError, `without ${path}`);
    assert.throws(
      read((copy) => {
        at(copy)[`${name}2`] = 1;
      }),
      (error) => error instanceof PotError && error.message.includes("unknown field"),
      `surplus ${path}2`,
    );
  }
  const text = JSON.stringify(json);
  for (const name of new Set(paths.map((path) => path.at(-1)!))) {
    const twice = text.replace(`"${name}":`, `"${name}":0,"${name}":`);
    assert.throws(() => parseProof(twice), {
      message: `Cannot read the proof as the key "${name}" stands twice in one object`,
    });
  }
  assert.throws(() => parseProof(text.replace("{", '{"__proto__":{},')), {
    message: 'Cannot read the proof as proof must be without the unknown field "__proto__"',
  });
});

Deno.test("parseProof() reads a receipt proof byte for byte, and the word that there is none", () => {
  const { receiptProof } = (whole.anchors[3] as EvmProofAnchor).inclusion!;
  const read3 = (value: unknown) =>
    (read((json) => json.anchors[3].inclusion.receiptProof = value)().anchors[3] as EvmProofAnchor).inclusion!
      .receiptProof;
  assert.deepEqual(
    (parseProof(formatProof(whole)).anchors[3] as EvmProofAnchor).inclusion!.receiptProof,
    receiptProof,
  );
  assert.equal(read3("unavailable"), "unavailable");
  assert.equal(
    JSON.parse(formatProof(read((json) => json.anchors[3].inclusion.receiptProof = "unavailable")()))
      .anchors[3].inclusion.receiptProof,
    "unavailable",
  );
  assert.deepEqual(parseReceiptProof(formatReceiptProof(receiptProof!), "it"), receiptProof);
  assert.throws(() => parseReceiptProof({ header: "+/+/", receipt: "+/+/" }, "it"), {
    message: "Cannot read the proof as it.path must be a list of at most 20",
  });
});

Deno.test("parseProof() refuses minus zero, which would not be written back", () => {
  const text = JSON.stringify(JSON.parse(formatProof(whole))).replace(
    '"transactionIndex":3',
    '"transactionIndex":-0',
  );
  assert.throws(() => parseProof(text), {
    message: "Cannot read the proof as anchors[2].inclusion.transactionIndex must be a whole number from 0",
  });
});

Deno.test("parseProof() tells an unknown version (exit code 2) from what is no proof (exit code 1)", () => {
  for (const schema of ["pot-proof/2", "pot-proof/10", "pot-proof/", "pot-proof/1 "]) {
    assert.throws(read((json) => json.schema = schema), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.exitCode, 2);
      assert.equal(error.message, "Cannot read the proof as its format version is not known");
      assert.deepEqual(error.facts, [`schema: ${JSON.stringify(schema)}`, "known: pot-proof/1"]);
      return true;
    });
  }
  for (
    const text of ["{}", "[]", "null", "1", '"pot-proof/1"', '{"schema":1}', '{"schema":"pot-record/1"}']
  ) {
    assert.throws(() => parseProof(text), {
      name: "PotError",
      message: "Cannot read the proof as it is not a pot proof",
      hint: "write one with: pot prove <id>",
      exitCode: 1,
    });
  }
});

Deno.test("parseProof() refuses what is not JSON, cut off, too deep or too large, each with its reason", () => {
  const text = formatProof(whole);
  for (let end = 0; end < text.length - 2; end += 50) {
    assert.throws(() => parseProof(text.slice(0, end)), { name: "PotError", exitCode: 1 }, `cut at ${end}`);
  }
  const reasons: readonly (readonly [string, string])[] = [
    ["", "it is empty"],
    ["proof", "it is not JSON"],
    [`${text}x`, "something follows the JSON value"],
    [`${text}{}`, "something follows the JSON value"],
    [`\ufeff${text}`, "it starts with a byte order mark"],
    ["[".repeat(1_000_000), "it is nested deeper than 16 levels"],
    [
      `{"schema":"pot-proof/1","x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
      "it is nested deeper than 16 levels",
    ],
    [" ".repeat(MAX_PROOF_BYTES + 1), `it is larger than ${MAX_PROOF_BYTES} bytes`],
    [
      text.replace("pot/fixture+", "\\ud800+"),
      "logKeys[0] has a lone surrogate, which no Unicode text has",
    ],
  ];
  for (const [bad, reason] of reasons) {
    assert.throws(() => parseProof(bad), {
      name: "PotError",
      exitCode: 1,
      message: `Cannot read the proof as ${reason}`,
    });
  }
  assert.throws(() => parseProof(undefined as unknown as string), {
    message: "Cannot read the proof as it is not text",
  });
});

Deno.test("parseProof() keeps the record's bytes as they are", () => {
  assert.deepEqual(parseProof(formatProof(whole)).record, fromBase64(JSON.parse(formatProof(whole)).record));
});
