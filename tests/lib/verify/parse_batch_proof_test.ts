import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import { formatBatchProof } from "../../../lib/verify/format_batch_proof.ts";
import { parseBatchProof } from "../../../lib/verify/parse_batch_proof.ts";
import { createBatchFixture, evmFacts } from "../../_fakes/batch_fixture.ts";

// deno-lint-ignore no-explicit-any -- a file's JSON, changed at will
type Json = any;

async function batchJson(): Promise<Json> {
  await using fixture = await createBatchFixture();
  const head = await fixture.grow(["run-1", "b"], 4);
  await fixture.grow(["run-1"], 3);
  return JSON.parse(
    await formatBatchProof(
      await fixture.batchOf("run-1", [{ ...head, facts: evmFacts({ size: head.size }) }]),
    ),
  );
}

const JSON_TEXT = JSON.stringify(await batchJson());
const pack = (text: string | Uint8Array) => gzipSync(text).toString("base64");

Deno.test("parseBatchProof() reads what formatBatchProof() writes, and that alone comes of it again", async () => {
  const batch = await parseBatchProof(JSON_TEXT);
  assert.deepEqual(batch.records.map(({ index }) => index), [0n, 2n, 4n, 6n, 8n, 9n, 10n]);
  assert.deepEqual(JSON.parse(await formatBatchProof(batch)), JSON.parse(JSON_TEXT));
  assert.deepEqual(JSON.parse(JSON_TEXT).indices, ["0", "2", "4", "6", "8-10"]);
});

Deno.test("parseBatchProof() refuses every other spelling, and names the field", async () => {
  const change = (name: string, value: unknown) => ({ ...JSON.parse(JSON_TEXT), [name]: value });
  const anchor = JSON.parse(JSON_TEXT).anchors[0];
  const { records, nodes } = JSON.parse(JSON_TEXT);
  const packed = Uint8Array.fromBase64(records);
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "more",
      change("extra", 1),
      /^Cannot read the proof as proof must be without the unknown field "extra"$/,
    ],
    ["a path", change("anchors", [{ ...anchor, path: [] }]), /as anchors\[0\] must be without .* "path"$/],
    ["anchors", change("anchors", Array(257).fill(anchor)), /as anchors must be a list of at most 256$/],
    ["keys", change("logKeys", "k"), /as logKeys must be a list of at most 64$/],
    ...[
      ["0", "2", "4", "6", "8", "9-10"],
      ["0", "2", "4", "6", "8-9", "10"],
      ["0", "2", "4", "6", "10-8"],
      ["2", "0", "4", "6", "8-10"],
      ["0-0", "2", "4", "6", "8-10"],
      ["00", "2", "4", "6", "8-10"],
      ["0", "2", "2", "6", "8-10"],
      ["0", "2", "4", "6", " 8-10"],
      ["0", "2", "4", "6", "8-10-12"],
      ["-1", "2", "4", "6", "8-10"],
      [0, "2", "4", "6", "8-10"],
      ["0", "2", "4", "6", "9223372036854775806-9223372036854775808"],
      ["0", "2", "4", "6", "18446744073709551615"],
    ].map((indices, i) => [`indices ${i}`, change("indices", indices), /as indices\[\d\] must be /] as const),
    [
      "far indices",
      change("indices", ["0-9223372036854775807"]),
      /as indices must be of at most 250000 records$/,
    ],
    [
      "many indices",
      change("indices", ["0-200000", "200002-260000"]),
      /as indices must be of at most 250000 records$/,
    ],
    ["no list", change("indices", {}), /as indices must be a list of at most 250000$/],
    [
      "an index too few",
      change("indices", ["0", "2", "4", "6", "8-9"]),
      /as it has not one index for each record$/,
    ],
    ["white space", change("records", `${records} `), /as records must be /],
    ["no padding", change("records", pack("{}\n").replace(/=+$/, "")), /as records must be /],
    ["no gzip", change("records", btoa("{}\n")), /as records must be base64 of gzip of lines/],
    [
      "bytes behind the gzip",
      change("records", Uint8Array.of(...packed, 0).toBase64()),
      /as records must be base64 of gzip of lines/,
    ],
    ["gzip cut off", change("records", packed.slice(0, -1).toBase64()), /as records must be base64 of gzip/],
    ["no last line end", change("records", pack("{}\n{}")), /as records must be base64 of gzip of lines/],
    [
      "an empty line",
      change("records", pack("{}\n\n{}\n")),
      /as records must be at most 250000 lines of 1 to 65535/,
    ],
    [
      "a long line",
      change("records", pack(`${"x".repeat(65_536)}\n`)),
      /as records must be at most 250000 lines/,
    ],
    ["no records", change("records", pack("")), /as records must be base64 of gzip of lines/],
    ["many lines", change("records", pack("x\n".repeat(250_001))), /as records must be at most 250000 lines/],
    [
      "a bomb",
      change("records", pack(new Uint8Array(65 * 1024 * 1024))),
      /as records must be base64 of gzip of lines, one a record, of at most 67108864 bytes in all$/,
    ],
    ["half a node", change("nodes", nodes.slice(0, -8)), /as nodes must be /],
    ["nodes as a list", change("nodes", [nodes]), /as nodes must be /],
    ["null", null, /as it is not a pot batch proof$/],
    ["a proof", change("schema", "pot-proof/1"), /as it is not a pot batch proof$/],
    ["no schema", change("schema", undefined), /as it is not a pot batch proof$/],
  ];
  for (const [name, value, message] of cases) {
    await assert.rejects(() => parseBatchProof(JSON.stringify(value)), (error) => {
      assert.ok(error instanceof PotError && error.exitCode === 1, `${name}: ${error}`);
      assert.match(error.message, message, name);
      assert.ok(error.facts.every((fact) => fact.length < 200), name);
      return true;
    }, name);
  }
  await assert.rejects(
    () => parseBatchProof(JSON.stringify(change("schema", "pot-batch-proof/2"))),
    (error) => error instanceof UsageError && /its format version is not known$/.test(error.message),
  );
  await assert.rejects(
    () => parseBatchProof(JSON_TEXT.replace("{", '{"nodes":"",')),
    /as the key "nodes" stands twice in one object$/,
  );
});

Deno.test("parseBatchProof() makes no millions of objects of a small file", async () => {
  const startBytes = Deno.memoryUsage().heapUsed;
  const text = `{"schema":"pot-batch-proof/1","indices":[${"[],".repeat(5_000_000)}[]]}`;
  await assert.rejects(() => parseBatchProof(text), /as it holds more than 1000000 values$/);
  assert.ok(Deno.memoryUsage().heapUsed - startBytes < 200_000_000);
});
