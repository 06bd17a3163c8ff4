import assert from "node:assert/strict";
import { verifyTlogProof } from "../../../lib/verify/tlog_proof.ts";
import { tlogProofOf } from "../../../lib/verify/tlog_proof_of.ts";
import { makeCosigner } from "../../_fakes/cosigner.ts";
import { createProofFixture } from "../../_fakes/proof_fixture.ts";

Deno.test("tlogProofOf() takes the anchor with most signatures, or the one over the given size", async () => {
  const fixture = await createProofFixture();
  const [small, large] = [await fixture.evm("final", { size: 8 }), await fixture.local()];
  const proof = fixture.proof(small, large);
  assert.deepEqual([tlogProofOf(proof).size, tlogProofOf(proof, { size: 11n }).size], [8n, 11n]);
  const cosigner = await makeCosigner("witness.example/w1");
  const text = large.checkpoint.slice(0, large.checkpoint.lastIndexOf("\n\n") + 1);
  const cosigned = { ...large, checkpoint: large.checkpoint + await cosigner.cosign(text, 5n) };
  const exported = tlogProofOf(fixture.proof(small, cosigned), { hasRecord: true });
  assert.deepEqual([exported.size, exported.signers, exported.extra], [11n, [
    "pot/fixture",
    "witness.example/w1",
  ], proof.record]);
  assert.equal(
    await verifyTlogProof(exported, { entry: proof.record, logKey: fixture.signer.verifierKey }),
    true,
  );
  assert.throws(() => tlogProofOf(fixture.proof()), {
    message: "Cannot export the proof as it has no checkpoint",
    exitCode: 2,
  });
});
