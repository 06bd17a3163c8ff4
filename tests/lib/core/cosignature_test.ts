import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatSignatureLine,
  parseCheckpointNote,
  verifyCheckpointNote,
} from "../../../lib/core/checkpoint_note.ts";
import {
  cosignatureMessage,
  encodeCosignature,
  findCosignature,
  parseCosignature,
} from "../../../lib/core/cosignature.ts";
import { formatWitnessKey, noteKeyHash, parseWitnessKey } from "../../../lib/core/note_key.ts";
import { makeCosigner } from "../../_fakes/cosigner.ts";
import vectors from "../../vectors/cosignatures.json" with { type: "json" };

const TEXT = "pot/test\n3\nNSkkwtXZUhdjrawqXwJMFI9kgtWTuoytVfBtdBZn3Jc=\n";
const cosigner = await makeCosigner("witness.example/w1");
const witness = parseWitnessKey(cosigner.witnessKey);
const line = await cosigner.cosign(TEXT, 1_790_000_000n);
const noteOf = (...lines: readonly string[]) => parseCheckpointNote(`${TEXT}\n${lines.join("")}`);

Deno.test("findCosignature() finds those of public witnesses on checkpoints of public logs", async () => {
  for (const { note, witnessKeys, time } of vectors.cosigned) {
    for (const key of witnessKeys) {
      const found = await findCosignature(parseCheckpointNote(note), parseWitnessKey(key));
      assert.ok(found.outcome === "valid", key);
      if (time !== undefined) assert.equal(String(found.cosignature.time), time);
      assert.ok(note.includes(formatSignatureLine(found.line)));
      // The same lines under another size.
      const other = parseCheckpointNote(note.replace(/\n\d+\n/, "\n42\n"));
      assert.equal((await findCosignature(other, parseWitnessKey(key))).outcome, "invalid");
    }
    const absent = await findCosignature(parseCheckpointNote(note), parseWitnessKey(vectors.absentKey));
    assert.equal(absent.outcome, "absent");
  }
});

Deno.test("verifyCheckpointNote() finds the log's signature among RFC 6962 signatures and cosignatures", async () => {
  const { note, logKey } = vectors.cosigned[0]!;
  assert.equal(await verifyCheckpointNote(note, logKey!), true);
});

Deno.test("parseCosignature() reads the example of C2SP tlog-cosignature", () => {
  const { note, witness: name, keyHash, time } = vectors.specExample;
  const [, line] = parseCheckpointNote(note).signatures;
  assert.deepEqual([line!.name, line!.keyHash.toHex()], [name, keyHash]);
  const cosignature = parseCosignature(line!.signature)!;
  assert.equal(String(cosignature.time), time);
  assert.deepEqual(encodeCosignature(cosignature), line!.signature);
});

Deno.test("cosignatureMessage() is what C2SP tlog-cosignature writes out", () => {
  const { note } = vectors.specExample;
  const expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n" +
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const message = cosignatureMessage(parseCheckpointNote(note).text, 1_679_315_147n);
  assert.equal(new TextDecoder().decode(message), expected);
});

Deno.test("findCosignature() takes the newest of several, and refuses all where one is not by the key", async () => {
  const newer = await cosigner.cosign(TEXT, 1_790_000_001n);
  const found = await findCosignature(noteOf(line, newer, line), witness);
  assert.ok(found.outcome === "valid" && found.cosignature.time === 1_790_000_001n);
  const elsewhere = await cosigner.cosign(TEXT.replace("\n3\n", "\n4\n"), 1_790_000_002n);
  assert.deepEqual(await findCosignature(noteOf(line, elsewhere), witness), { outcome: "invalid" });
  assert.deepEqual(await findCosignature(noteOf(elsewhere, line), witness), { outcome: "invalid" });
});

Deno.test("findCosignature() ignores other keys, the same name under another key included", async () => {
  const namesake = await makeCosigner("witness.example/w1");
  const other = await makeCosigner("witness.example/w2");
  const others = [await namesake.cosign(TEXT, 5n), await other.cosign(TEXT, 5n)];
  assert.deepEqual(await findCosignature(noteOf(...others), witness), { outcome: "absent" });
  assert.equal((await findCosignature(noteOf(...others, line), witness)).outcome, "valid");
});

Deno.test("findCosignature() takes an ML-DSA-44 cosignature for one of an unknown key", async () => {
  // Type 0x06, 8 bytes of time and 2420 of signature: neither the key nor the line is one that is read here.
  const publicKey = new Uint8Array(1312).fill(9);
  const keyHash = noteKeyHash("witness.example/w1", publicKey, 0x06);
  const mldsa = formatSignatureLine({ name: "witness.example/w1", keyHash, signature: new Uint8Array(2428) });
  assert.equal((await findCosignature(noteOf(mldsa, line), witness)).outcome, "valid");
  assert.equal((await findCosignature(noteOf(mldsa), witness)).outcome, "absent");
  const key = `witness.example/w1+${keyHash.toHex()}+${Uint8Array.of(6, ...publicKey).toBase64()}`;
  assert.throws(() => parseWitnessKey(key), {
    message: "Cannot read the witness key as it is not for Ed25519 cosignatures, type 0x04",
    facts: ["signature type: 0x06"],
    exitCode: 2,
  });
});

Deno.test("findCosignature() refuses a log's plain signature, a cut one and a changed bit or time", async () => {
  const { signature, keyHash } = noteOf(line).signatures[0]!;
  const withBytes = (bytes: Uint8Array) =>
    noteOf(formatSignatureLine({ name: "witness.example/w1", keyHash, signature: bytes }));
  for (const length of [1, 8, 64, 71]) {
    assert.equal((await findCosignature(withBytes(signature.slice(0, length)), witness)).outcome, "invalid");
  }
  assert.equal(
    (await findCosignature(withBytes(Uint8Array.of(...signature, 0)), witness)).outcome,
    "invalid",
  );
  for (let bit = 0; bit < signature.length * 8; bit += 7) {
    const changed = signature.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal((await findCosignature(withBytes(changed), witness)).outcome, "invalid", `bit ${bit}`);
  }
  assert.equal((await findCosignature(withBytes(signature), witness)).outcome, "valid");
});

Deno.test("findCosignature() answers for any bytes, and for a key that is no point", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 90 }), async (signature) => {
    const note = noteOf(formatSignatureLine({ ...witness, signature }));
    assert.equal((await findCosignature(note, witness)).outcome, "invalid");
  }));
  const publicKey = new Uint8Array(32).fill(0xff);
  const name = "witness.example/none";
  const none = { name, publicKey, keyHash: noteKeyHash(name, publicKey, 0x04) };
  const note = noteOf(formatSignatureLine({ ...none, signature: new Uint8Array(72).fill(1) }));
  assert.equal((await findCosignature(note, none)).outcome, "invalid");
});

Deno.test("parseCosignature() refuses times of 2^63 and more", () => {
  const bytes = new Uint8Array(72);
  bytes.fill(0xff, 1, 8);
  bytes[0] = 0x7f;
  assert.equal(parseCosignature(bytes)!.time, (1n << 63n) - 1n);
  bytes[0] = 0x80;
  assert.equal(parseCosignature(bytes), undefined);
});

Deno.test("parseWitnessKey() reads keys that witnesses publish, and refuses a log's", () => {
  const keys = vectors.cosigned.flatMap(({ witnessKeys }) => witnessKeys);
  for (const key of [...keys, vectors.absentKey, cosigner.witnessKey]) {
    assert.equal(formatWitnessKey(parseWitnessKey(key)), key);
  }
  assert.throws(() => parseWitnessKey(vectors.cosigned[0]!.logKey!), {
    message: "Cannot read the witness key as it is not for Ed25519 cosignatures, type 0x04",
    facts: ["signature type: 0x01"],
  });
  // The right type, under the hash that type 0x01 would have.
  const [, name, key] = /^([^+]*)\+[^+]*\+(.*)$/.exec(cosigner.witnessKey)!;
  const asLog = noteKeyHash(name!, witness.publicKey).toHex();
  assert.throws(() => parseWitnessKey(`${name}+${asLog}+${key}`), {
    message: "Cannot read the witness key as its hash is not that of its name and key",
  });
});
