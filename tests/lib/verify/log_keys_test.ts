import assert from "node:assert/strict";
import { type VerifyOptions, verifyProof } from "../../../lib/verify/verify_proof.ts";
import { createProofFixture } from "../../_fakes/proof_fixture.ts";

const fixture = await createProofFixture({ size: 11 });
const { signer, stranger } = fixture;
const proof = fixture.proof(await fixture.local());

async function check(options: VerifyOptions, of = proof) {
  const { ok, checks } = await verifyProof(of, options);
  const { detail } = checks.find(({ name }) => name === "checkpoint")!;
  return { ok, detail };
}

Deno.test("verifyProof() lets a retired key vouch for the sizes that it signed", async () => {
  const next = { verifierKey: stranger.verifierKey, from: 11n };
  const keys = [{ verifierKey: signer.verifierKey, from: 0n, to: 11n }, next];
  assert.deepEqual(await check({ logKeys: keys }), {
    ok: true,
    detail: "pot/fixture signed size 11 and this root, by the expected log key",
  });
});

Deno.test("verifyProof() refuses what a retired key signs later, as a thief of it would", async () => {
  const keys = [
    { verifierKey: signer.verifierKey, from: 0n, to: 10n },
    { verifierKey: stranger.verifierKey, from: 10n },
  ];
  assert.deepEqual(await check({ logKeys: keys }), {
    ok: false,
    detail: "the checkpoint over size 11 is signed by a log key that is only good for sizes from 0 to 10",
  });
  // Nor can a new key vouch for what was before it.
  assert.deepEqual(await check({ logKeys: [{ verifierKey: signer.verifierKey, from: 12n }] }), {
    ok: false,
    detail: "the checkpoint over size 11 is signed by a log key that is only good for sizes from 12 on",
  });
});

Deno.test("verifyProof() does not ask the proof which keys to trust when a set is given", async () => {
  const named = { ...proof, logKeys: [signer.verifierKey] };
  assert.deepEqual(await check({ logKeys: [{ verifierKey: stranger.verifierKey, from: 0n }] }, named), {
    ok: false,
    detail: "the checkpoint is not signed by the expected log key",
  });
});

Deno.test("verifyProof() refuses a set of no keys, of malformed ones, or beside a single key", async () => {
  const message = "Cannot verify the proof as logKeys must hold a key, and go without logKey";
  const one = [{ verifierKey: signer.verifierKey, from: 0n }];
  await assert.rejects(verifyProof(proof, { logKeys: [] }), { name: "UsageError", message });
  await assert.rejects(verifyProof(proof, { logKeys: one, logKey: signer.verifierKey }), { message });
  await assert.rejects(verifyProof(proof, { logKeys: [{ verifierKey: "x", from: 0n }] }), {
    name: "UsageError",
  });
});
