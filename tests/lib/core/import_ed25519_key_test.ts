import assert from "node:assert/strict";
import { importEd25519Key } from "../../../lib/core/import_ed25519_key.ts";

// RFC 8032 §7.1, test 1.
const PUBLIC = Uint8Array.fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
const SIGNATURE = Uint8Array.fromHex(
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
);

Deno.test("importEd25519Key() imports a key once, and it verifies", async () => {
  const key = await importEd25519Key(PUBLIC);
  assert.equal(await importEd25519Key(PUBLIC.slice()), key);
  assert.ok(await crypto.subtle.verify("Ed25519", key, SIGNATURE, new Uint8Array()));
});

Deno.test("importEd25519Key() keeps only so many keys, and none that is none", async () => {
  await assert.rejects(importEd25519Key(new Uint8Array(31)));
  await assert.rejects(importEd25519Key(new Uint8Array(31)));
  const first = await importEd25519Key(PUBLIC);
  for (let i = 0; i < 70; i++) {
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
    await importEd25519Key(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  }
  assert.notEqual(await importEd25519Key(PUBLIC), first);
});
