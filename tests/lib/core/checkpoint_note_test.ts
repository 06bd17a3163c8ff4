import assert from "node:assert/strict";
import {
  type CheckpointHead,
  formatCheckpoint,
  parseCheckpointNote,
  signCheckpointNote,
  verifyCheckpointNote,
} from "../../../lib/core/checkpoint_note.ts";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import { generateNoteKey, importNoteSigner } from "../../../lib/core/note_key.ts";
import vectors from "../../vectors/signed_notes.json" with { type: "json" };

const { checkpoint, peterNeumann } = vectors;
const head: CheckpointHead = { origin: "pot/7f3a", size: 42n, root: new Uint8Array(32).fill(7) };
const signer = await importNoteSigner(peterNeumann.signerKey);
const note = await signCheckpointNote(head, signer);
const other = await importNoteSigner((await generateNoteKey("witness.example")).signerKey);

Deno.test("parseCheckpointNote() reads the C2SP example", () => {
  const parsed = parseCheckpointNote(checkpoint);
  assert.equal(parsed.origin, "example.com/behind-the-sofa");
  assert.equal(parsed.size, 20852163n);
  assert.equal(parsed.root.toBase64(), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
  assert.deepEqual(parsed.extensions, []);
  assert.equal(parsed.text, checkpoint.slice(0, checkpoint.indexOf("\n\n") + 1));
  assert.equal(parsed.signatures.length, 1);
  assert.equal(parsed.signatures[0]!.name, "example.com/behind-the-sofa");
  assert.equal(parsed.signatures[0]!.keyHash.toHex(), "033de0ae");
  assert.equal(parsed.signatures[0]!.signature.length, 64);
  assert.equal(formatCheckpoint(parsed), parsed.text);
});

Deno.test("parseCheckpointNote() keeps extension lines and the signatures of unknown keys", () => {
  const text = `log\n0\n${
    "A".repeat(43)
  }=\next 1\n— looks like a signature\n\n— a AAAAAAE=\n— журнал AAAAAAEC\n`;
  const parsed = parseCheckpointNote(text);
  assert.equal(parsed.size, 0n);
  assert.deepEqual(parsed.extensions, ["ext 1", "— looks like a signature"]);
  assert.deepEqual(parsed.signatures, [
    { name: "a", keyHash: new Uint8Array(4), signature: Uint8Array.of(1) },
    { name: "журнал", keyHash: new Uint8Array(4), signature: Uint8Array.of(1, 2) },
  ]);
  const largest = text.replace("\n0\n", `\n${(1n << 63n) - 1n}\n`);
  assert.equal(parseCheckpointNote(largest).size, (1n << 63n) - 1n);
});

Deno.test("parseCheckpointNote() says what is wrong with a note", () => {
  const [, , root = "", , line = ""] = checkpoint.split("\n");
  const size = "its second line, the size, is not a decimal number without leading zeros";
  const rootWrong = "its third line, the root, is not 32 bytes in canonical base64";
  const lineWrong = 'its signature line 1 is not "— <name> <base64>"';
  const cases: [string, string][] = [
    ["", "it does not end with a newline"],
    [checkpoint.slice(0, -1), "it does not end with a newline"],
    [checkpoint.replaceAll("\n", "\r\n"), "it has a control character other than newline"],
    [checkpoint.replace("sofa", "so\tfa"), "it has a control character other than newline"],
    [checkpoint.replace("sofa", "so\0fa"), "it has a control character other than newline"],
    [checkpoint.replace("sofa", "so\ud800fa"), "it has a lone surrogate, which no Unicode text has"],
    [checkpoint.replace("\n\n", "\n"), "no blank line sets its signatures apart"],
    [checkpoint.slice(0, checkpoint.indexOf("— ")), "it has no signature"],
    [`${checkpoint}\n`, "one of its extension lines is empty"],
    [`\n${checkpoint}`, "its first line, the origin, is empty"],
    [checkpoint.replace("20852163", ""), size],
    [checkpoint.replace("20852163", "020852163"), size],
    [checkpoint.replace("20852163", "+20852163"), size],
    [checkpoint.replace("20852163", "-1"), size],
    [checkpoint.replace("20852163", "1e3"), size],
    [checkpoint.replace("20852163", "0x10"), size],
    [checkpoint.replace("20852163", " 20852163"), size],
    [checkpoint.replace("20852163", "٣"), size],
    [checkpoint.replace("20852163", `${1n << 63n}`), "its size is 2^63 or more"],
    [checkpoint.replace("20852163", "9".repeat(100_000)), "its size is 2^63 or more"],
    [`log\n5\n\n${line}\n`, rootWrong],
    [`log\n\n${line}\n`, size],
    [checkpoint.replace(root, root.slice(0, -1)), rootWrong],
    [checkpoint.replace(root, `${root} `), rootWrong],
    [checkpoint.replace(root, root.replace("I=", "J=")), rootWrong],
    [checkpoint.replace(root, root.replaceAll("/", "_")), rootWrong],
    [checkpoint.replace(root, new Uint8Array(31).toBase64()), rootWrong],
    [checkpoint.replace(root, new Uint8Array(33).toBase64()), rootWrong],
    [checkpoint.replace(root, `${root}\n\next`), "one of its extension lines is empty"],
    [checkpoint.replace("— ", "- "), lineWrong],
    [checkpoint.replace("— ", "—"), lineWrong],
    [checkpoint.replace("— ", "—  "), lineWrong],
    [checkpoint.replace(line, `${line} x`), lineWrong],
    [checkpoint.replace(line, "— name"), lineWrong],
    [checkpoint.replace(line, "— na+me AAAAAAE="), lineWrong],
    [checkpoint.replace(line, "— na\u00a0me AAAAAAE="), lineWrong],
    [checkpoint.replace(line, "— name AAAAAA=="), lineWrong],
    [checkpoint.replace(line, "— name AAAAAAF="), lineWrong],
    [checkpoint.replace(line, line.slice(0, -1)), lineWrong],
    [`${checkpoint}Unexpected line.\n`, 'its signature line 2 is not "— <name> <base64>"'],
    [checkpoint + `${line}\n`.repeat(64), "it has more than 64 signatures"],
    [checkpoint.replace("sofa", "x".repeat(300_000)), "it is longer than 262144 characters"],
  ];
  for (const [text, reason] of cases) {
    assert.throws(() => parseCheckpointNote(text), (error) => {
      assert.ok(error instanceof PotError);
      assert.equal(error.message, `Cannot read the checkpoint note as ${reason}`);
      assert.equal(error.exitCode, 1);
      return true;
    }, text.slice(0, 200));
  }
  for (const value of [null, undefined, 5, {}, new Uint8Array(5)]) {
    assert.throws(() => parseCheckpointNote(value as string), PotError);
  }
});

Deno.test("parseCheckpointNote() takes 16 signatures of 5 kB, as signed-note asks", () => {
  const signatures = Array.from({ length: 16 }, (_, i) => `— w${i} ${new Uint8Array(5_000).toBase64()}\n`)
    .join("");
  assert.equal(parseCheckpointNote(`log\n1\n${"A".repeat(43)}=\n\n${signatures}`).signatures.length, 16);
});

Deno.test("formatCheckpoint() refuses heads that no checkpoint can state", () => {
  assert.equal(formatCheckpoint(head), "pot/7f3a\n42\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n");
  for (const origin of ["", "a\nb", "a\rb", "\ud800"]) {
    assert.throws(() => formatCheckpoint({ ...head, origin }), UsageError);
  }
  for (const size of [-1n, 1n << 63n, 5 as unknown as bigint]) {
    assert.throws(() => formatCheckpoint({ ...head, size }), UsageError);
  }
  assert.throws(() => formatCheckpoint({ ...head, root: new Uint8Array(31) }), UsageError);
});

Deno.test("signCheckpointNote() writes what parseCheckpointNote() reads and the key verifies", async () => {
  const { signatures, text, extensions, ...parsed } = parseCheckpointNote(note);
  assert.deepEqual(parsed, head);
  assert.deepEqual(extensions, []);
  assert.equal(text, formatCheckpoint(head));
  assert.equal(signatures[0]!.name, "PeterNeumann");
  assert.ok(await verifyCheckpointNote(note, peterNeumann.verifierKey));
  // Ed25519 is deterministic: the same head gives the same note.
  assert.equal(await signCheckpointNote(head, signer), note);
});

Deno.test("verifyCheckpointNote() refuses every changed byte of text and signature", async () => {
  for (let i = 0; i < note.length; i++) {
    const changed = note.slice(0, i) + String.fromCharCode(note.charCodeAt(i) ^ 1) + note.slice(i + 1);
    assert.equal(await verifyCheckpointNote(changed, peterNeumann.verifierKey), false, `character ${i}`);
    assert.equal(await verifyCheckpointNote(note.slice(0, i), peterNeumann.verifierKey), false);
  }
});

Deno.test("verifyCheckpointNote() goes by the signatures of its own key alone", async () => {
  const cosigned = note + (await signCheckpointNote(head, other)).split("\n\n")[1];
  assert.ok(await verifyCheckpointNote(cosigned, peterNeumann.verifierKey));
  assert.ok(await verifyCheckpointNote(cosigned, other.verifierKey));
  assert.equal(await verifyCheckpointNote(note, other.verifierKey), false);

  const rotated = await importNoteSigner((await generateNoteKey("PeterNeumann")).signerKey);
  assert.equal(await verifyCheckpointNote(note, rotated.verifierKey), false);
  assert.ok(await verifyCheckpointNote(note + "— PeterNeumann AAAAAAE=\n", peterNeumann.verifierKey));
});

Deno.test("verifyCheckpointNote() refuses a note with an invalid signature that claims to be by the key", async () => {
  const forged = new Uint8Array([...signer.keyHash, ...new Uint8Array(64)]).toBase64();
  const short = new Uint8Array([...signer.keyHash, 1]).toBase64();
  for (const base64 of [forged, short]) {
    assert.equal(
      await verifyCheckpointNote(`${note}— PeterNeumann ${base64}\n`, peterNeumann.verifierKey),
      false,
    );
  }
});

Deno.test("verifyCheckpointNote() refuses a signature moved to another note", async () => {
  const line = note.split("\n\n")[1]!;
  for (
    const changed of [{ ...head, size: 43n }, { ...head, origin: "pot/else" }, {
      ...head,
      root: new Uint8Array(32),
    }]
  ) {
    const moved = `${formatCheckpoint(changed)}\n${line}`;
    assert.equal(parseCheckpointNote(moved).origin, changed.origin);
    assert.equal(await verifyCheckpointNote(moved, peterNeumann.verifierKey), false);
  }
  assert.equal(
    await verifyCheckpointNote(note.replace("\n\n", "\nextension\n\n"), peterNeumann.verifierKey),
    false,
  );
});

Deno.test("verifyCheckpointNote() answers false for malformed notes and keys of any type", async () => {
  const noPoint = new Uint8Array(32).fill(0xff);
  const values: unknown[] = [
    null,
    undefined,
    0,
    1n,
    "",
    "x",
    {},
    [],
    new Uint8Array(9),
    Symbol("note"),
    noPoint,
  ];
  for (const value of values) {
    assert.equal(await verifyCheckpointNote(value as string, peterNeumann.verifierKey), false);
    assert.equal(await verifyCheckpointNote(note, value as string), false);
  }
});
