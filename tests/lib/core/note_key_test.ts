import assert from "node:assert/strict";
import { UsageError } from "../../../lib/core/errors.ts";
import {
  formatVerifierKey,
  generateNoteKey,
  importNoteSigner,
  parseVerifierKey,
} from "../../../lib/core/note_key.ts";
import { isNoteName } from "../../../lib/core/note_name.ts";
import vectors from "../../vectors/signed_notes.json" with { type: "json" };

const { peterNeumann, exampleFoo } = vectors;

Deno.test("parseVerifierKey() and formatVerifierKey() are inverse on the published keys", () => {
  for (const text of [peterNeumann.verifierKey, exampleFoo.verifierKey]) {
    const key = parseVerifierKey(text);
    assert.equal(key.publicKey.length, 32);
    assert.equal(`${key.name}+${key.keyHash.toHex()}`, text.slice(0, text.lastIndexOf("+A")));
    assert.equal(formatVerifierKey(key), text);
  }
});

Deno.test("importNoteSigner() signs as the published example key does", async () => {
  const signer = await importNoteSigner(peterNeumann.signerKey);
  assert.equal(signer.name, "PeterNeumann");
  assert.equal(signer.verifierKey, peterNeumann.verifierKey);
  const signature = await signer.sign(peterNeumann.text);
  const base64 = new Uint8Array([...signer.keyHash, ...signature]).toBase64();
  assert.equal(`— PeterNeumann ${base64}\n`, peterNeumann.signatureLine);
});

Deno.test("parseVerifierKey() reads the key that the C2SP example note verifies with", async () => {
  const { publicKey } = parseVerifierKey(exampleFoo.verifierKey);
  const signature = Uint8Array.fromBase64(exampleFoo.signatureLine.split(" ")[2]!.trim()).slice(4);
  const key = await crypto.subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", false, ["verify"]);
  assert.ok(await crypto.subtle.verify("Ed25519", key, signature, new TextEncoder().encode(exampleFoo.text)));
});

Deno.test("generateNoteKey() makes a new pair each time, which imports", async () => {
  const first = await generateNoteKey("pot/7f3a");
  const second = await generateNoteKey("pot/7f3a");
  assert.notEqual(first.verifierKey, second.verifierKey);
  assert.match(first.signerKey, /^PRIVATE\+KEY\+pot\/7f3a\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/);
  const signer = await importNoteSigner(first.signerKey);
  assert.equal(signer.verifierKey, first.verifierKey);
  assert.deepEqual(signer.keyHash, parseVerifierKey(first.verifierKey).keyHash);
});

Deno.test("generateNoteKey() refuses names that no note can carry", async () => {
  for (
    const name of [
      "",
      "a b",
      "a+b",
      "a\nb",
      "a\u00a0b",
      "a\u2003b",
      "\u0001",
      "\ud800",
      5 as unknown as string,
    ]
  ) {
    await assert.rejects(() => generateNoteKey(name), UsageError, JSON.stringify(name));
  }
  assert.ok(isNoteName("example.com/log42"));
  assert.ok(isNoteName("журнал—1"));
});

Deno.test("parseVerifierKey() says what is wrong with a key", () => {
  const key = peterNeumann.verifierKey;
  const cases: [string, string][] = [
    ["", "it is not <name>+<8 hex digits>+<base64>"],
    ["PeterNeumann", "it is not <name>+<8 hex digits>+<base64>"],
    [key.replace("PeterNeumann", ""), "it is not <name>+<8 hex digits>+<base64>"],
    [key.replace("PeterNeumann", "Peter Neumann"), "it is not <name>+<8 hex digits>+<base64>"],
    [key.replace("c74f20a3", "C74F20A3"), "it is not <name>+<8 hex digits>+<base64>"],
    [key.replace("c74f20a3", "c74f20"), "it is not <name>+<8 hex digits>+<base64>"],
    [`${key}\n`, "it is not <name>+<8 hex digits>+<base64>"],
    [key.slice(0, -1), "it is not <name>+<8 hex digits>+<base64>"],
    [key.slice(0, -4), "its key is not 32 bytes"],
    [key.replace("c74f20a3", "c74f20a4"), "its hash is not that of its name and key"],
    [key.replace("PeterNeumann", "Peter"), "its hash is not that of its name and key"],
    [key.replace("ARpc", "ARpd"), "its hash is not that of its name and key"],
    [peterNeumann.refusedVerifierKeys[0]!, "it is not <name>+<8 hex digits>+<base64>"],
    [peterNeumann.refusedVerifierKeys[1]!, "it is not for Ed25519"],
  ];
  for (const [text, reason] of cases) {
    assert.throws(() => parseVerifierKey(text), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, `Cannot read the verifier key as ${reason}`, text);
      return true;
    });
  }
  for (const value of [null, undefined, 5, {}, new Uint8Array(3)]) {
    assert.throws(() => parseVerifierKey(value as string), UsageError);
  }
});

Deno.test("importNoteSigner() refuses damaged keys without quoting them", async () => {
  const key = peterNeumann.signerKey;
  const damaged = [
    "",
    key.slice("PRIVATE+".length),
    key.replace("PRIVATE", "PUBLIC"),
    key.slice(0, -1),
    key.slice(0, -4),
    `${key}\n`,
    key.replace("c74f20a3", "c74f20a4"),
    key.replace("AYEK", "AYEL"),
    key.replace("AYEK", "AoEK"),
    peterNeumann.verifierKey,
  ];
  for (const text of damaged) {
    await assert.rejects(() => importNoteSigner(text), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      for (const part of [error.message, error.hint, String(error.cause), ...error.facts]) {
        assert.ok(!part?.includes("FALVFGyNhPJE"), String(part));
      }
      return true;
    });
  }
  await assert.rejects(() => importNoteSigner(null as unknown as string), UsageError);
});
