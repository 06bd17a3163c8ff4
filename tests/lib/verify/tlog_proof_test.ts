import assert from "node:assert/strict";
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { signCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { PotError } from "../../../lib/core/errors.ts";
import { generateNoteKey, importNoteSigner } from "../../../lib/core/note_key.ts";
import {
  formatTlogProof,
  parseTlogProof,
  type TlogProof,
  verifyTlogProof,
} from "../../../lib/verify/tlog_proof.ts";
import { mutateBytes, seededRandom } from "../../_fakes/mutate.ts";
import { createProofFixture, ORIGIN } from "../../_fakes/proof_fixture.ts";
import vectors from "../../vectors/tlog_proofs.json" with { type: "json" };

const encode = (text: string) => new TextEncoder().encode(text);
const fixture = await createProofFixture();
const entry = fixture.recordBytes(6);
const { path, checkpoint } = await fixture.evm("pending");
const proof: TlogProof = { index: 6n, path, checkpoint };
const logKey = fixture.signer.verifierKey;

Deno.test("formatTlogProof() writes what transparency-dev/formats writes", () => {
  for (const { index, hashes, checkpoint, extra, text } of vectors.formatted) {
    const given = { index: BigInt(index), path: hashes.map((hash) => sha256(encode(hash))), checkpoint };
    assert.equal(
      formatTlogProof({ ...given, ...(extra === undefined ? {} : { extra: encode(extra) }) }),
      text,
    );
  }
});

Deno.test("parseTlogProof() refuses what transparency-dev/formats refuses", () => {
  for (const { text, because } of vectors.refused) {
    assert.throws(() => parseTlogProof(text), {
      message: `Cannot read the tlog-proof as ${because}`,
      exitCode: 1,
    });
  }
});

Deno.test("parseTlogProof() is the inverse of formatTlogProof()", () => {
  fc.assert(fc.property(
    fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
    fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 64 }),
    fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 }), { nil: undefined }),
    (index, path, extra) => {
      const given = { index, path, checkpoint, ...(extra === undefined ? {} : { extra }) };
      assert.deepEqual(parseTlogProof(formatTlogProof(given)), given);
    },
  ));
  assert.equal(formatTlogProof({ ...proof, extra: new Uint8Array() }), formatTlogProof(proof));
});

Deno.test("parseTlogProof() has one spelling for everything", () => {
  const text = formatTlogProof({ ...proof, extra: encode("{}") });
  const hash = path[0]!.toBase64();
  const cases: readonly (readonly [string, RegExp])[] = [
    [text.replace("@v1", "@v2"), /first line/],
    [`\n${text}`, /first line/],
    [`\ufeff${text}`, /first line/],
    [text.replaceAll("\n", "\r\n"), /no blank line/],
    [text.replace("index 6", "index 06"), /no line "index"/],
    [text.replace("index 6", "index  6"), /no line "index"/],
    [text.replace("index 6", "index +6"), /no line "index"/],
    [text.replace("index 6", "index 6 "), /no line "index"/],
    [text.replace("index 6", "Index 6"), /no line "index"/],
    [text.replace("index 6\n", ""), /no line "index"/],
    [text.replace("index 6", `index ${1n << 63n}`), /2\^63/],
    [text.replace("index 6", `index ${(1n << 64n) - 1n}`), /no line "index"/],
    [text.replace("index 6", "index 6\nindex 6"), /hash 1 is not/],
    [text.replace("extra e30=", "extra e30"), /extra data/],
    [text.replace("extra e30=", "extra e31="), /extra data/],
    [text.replace("extra e30=", "extra "), /extra data/],
    [text.replace("extra e30=\n", "extra e30=\nextra e30=\n"), /no line "index"/],
    [text.replace("extra e30=", "extra\te30="), /no line "index"/],
    [text.replace(hash, hash.slice(0, -1)), /hash 1 is not/],
    [text.replace(hash, `${hash} `), /hash 1 is not/],
    [text.replace(hash, hash.replace(/.=$/, "B=")), /hash 1 is not/],
    [text.replace(hash, `${hash}\n`.repeat(65)), /more than 64 hashes/],
    [text.slice(0, -1), /final|does not end|newline/],
    [`${text}\n`, /extension lines/],
    [`${text}x\n`, /signature line/],
    [text.slice(0, text.indexOf("\n\n") + 1), /no blank line/],
    [text.slice(0, text.indexOf("\n\n") + 2), /./],
    ["", /no blank line/],
    [text + "x".repeat(600_000), /longer than/],
  ];
  for (const [wrong, message] of cases) {
    assert.notEqual(wrong, text);
    assert.throws(() => parseTlogProof(wrong), (error) => {
      assert.ok(error instanceof PotError);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.throws(() => parseTlogProof(7 as unknown as string), { message: /not text/ });
});

Deno.test("verifyTlogProof() holds for the entry and the log's key, and for nothing else", async () => {
  assert.equal(await verifyTlogProof(proof, { entry, logKey }), true);
  const wrongs: readonly (readonly [Partial<TlogProof>, Partial<{ entry: Uint8Array; logKey: string }>])[] = [
    [{}, { entry: fixture.recordBytes(5) }],
    [{}, { entry: entry.subarray(1) }],
    [{}, { entry: "text" as unknown as Uint8Array }],
    [{}, { logKey: fixture.stranger.verifierKey }],
    [{}, { logKey: "" }],
    [{ index: 5n }, {}],
    [{ index: 11n }, {}],
    [{ path: path.slice(1) }, {}],
    [{ path: [...path, new Uint8Array(32)] }, {}],
    [{ path: path.toReversed() }, {}],
    [{ checkpoint: await fixture.note(10) }, {}],
    [{ checkpoint: await fixture.note(11, fixture.stranger) }, {}],
    [{ checkpoint: checkpoint.replace("\n11\n", "\n12\n") }, {}],
    [{ checkpoint: "no note" }, {}],
  ];
  for (const [i, [change, options]] of wrongs.entries()) {
    assert.equal(
      await verifyTlogProof({ ...proof, ...change }, { entry, logKey, ...options }),
      false,
      `${i}`,
    );
  }
});

Deno.test("verifyTlogProof() refuses a key that signs another log's checkpoint under its own name", async () => {
  const other = await importNoteSigner((await generateNoteKey("pot/other")).signerKey);
  const { size, root } = await fixture.evm("pending");
  const note = await signCheckpointNote({ origin: ORIGIN, size, root }, other);
  const foreign = { ...proof, checkpoint: note };
  assert.equal(await verifyTlogProof(foreign, { entry, logKey: other.verifierKey }), false);
});

Deno.test("parseTlogProof() answers 2 000 mutants with a refusal, or with a proof that does not hold", async () => {
  const random = seededRandom(20260801);
  const bytes = encode(formatTlogProof({ ...proof, extra: entry }));
  let refused = 0;
  for (let i = 0; i < 2_000; i++) {
    const mutant = new TextDecoder().decode(mutateBytes(bytes, random));
    let parsed;
    try {
      parsed = parseTlogProof(mutant);
    } catch (error) {
      assert.ok(error instanceof PotError, String(error));
      refused++;
      continue;
    }
    const isSame = parsed.index === proof.index && parsed.checkpoint === checkpoint &&
      parsed.path.map((node) => node.toHex()).join() === path.map((node) => node.toHex()).join();
    assert.equal(await verifyTlogProof(parsed, { entry, logKey }), isSame, mutant);
  }
  assert.ok(refused > 1_000 && refused < 2_000, `${refused} refused`);
});
