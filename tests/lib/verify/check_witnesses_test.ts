import assert from "node:assert/strict";
import { parseCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { formatWitnessKey, parseWitnessKey } from "../../../lib/core/note_key.ts";
import { checkWitnesses, type WitnessPolicy } from "../../../lib/verify/check_witnesses.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { makeCosigner } from "../../_fakes/cosigner.ts";
import { createProofFixture } from "../../_fakes/proof_fixture.ts";
import vectors from "../../vectors/cosignatures.json" with { type: "json" };

const TIME = 1_790_000_000n;
const fixture = await createProofFixture();
const witnesses = await Promise.all(
  ["w1", "w2", "w3"].map((name) => makeCosigner(`witness.example/${name}`)),
);
const keys = witnesses.map(({ witnessKey }) => witnessKey);

type Anchors = Parameters<typeof checkWitnesses>[0];

async function check(anchors: Anchors, witnesses: WitnessPolicy) {
  const [found, ...more] = await checkWitnesses(anchors, { witnesses });
  assert.deepEqual(more, []);
  return found!;
}

/** A checkpoint over that size, cosigned by the witnesses at those positions. */
async function cosigned(size: number, ...by: readonly number[]) {
  const note = await fixture.note(size);
  const { text } = parseCheckpointNote(note);
  const lines = await Promise.all(by.map((i) => witnesses[i]!.cosign(text, TIME)));
  return { size: BigInt(size), checkpoint: note + lines.join("") };
}

Deno.test("checkWitnesses() passes where all given witnesses cosigned a checkpoint, or as many as asked for", async () => {
  const anchor = await cosigned(11, 0, 2);
  assert.deepEqual(await check([anchor], { keys: [keys[0]!, keys[2]!] }), {
    name: "witnesses",
    outcome: "pass",
    detail:
      "the checkpoint over size 11 is cosigned by witness.example/w1 at 2026-09-21T14:13:20Z, witness.example/w3 at 2026-09-21T14:13:20Z; asked for: 2 of 2 witnesses",
  });
  assert.equal((await check([anchor], { keys, threshold: 2 })).outcome, "pass");
  assert.deepEqual(await check([anchor], { keys }), {
    name: "witnesses",
    outcome: "fail",
    detail:
      "no checkpoint is cosigned by 3 of 3 witnesses; the most on one: witness.example/w1 at 2026-09-21T14:13:20Z, witness.example/w3 at 2026-09-21T14:13:20Z",
  });
});

Deno.test("checkWitnesses() fails where nobody cosigned, and where there is no checkpoint", async () => {
  const none = {
    name: "witnesses",
    outcome: "fail",
    detail: "no checkpoint is cosigned by 1 of 1 witness; the most on one: none",
  };
  assert.deepEqual(await check([await cosigned(11)], { keys: [keys[0]!] }), none);
  assert.deepEqual(await check([], { keys: [keys[0]!] }), none);
  assert.deepEqual(await check([{ size: 1n, checkpoint: "no note" }], { keys: [keys[0]!] }), none);
});

Deno.test("checkWitnesses() counts on one checkpoint, not over several", async () => {
  const [small, large] = [await cosigned(8, 0), await cosigned(11, 1)];
  assert.equal((await check([small, large], { keys, threshold: 2 })).outcome, "fail");
  const both = await cosigned(10, 0, 1);
  const { outcome, detail } = await check([small, both, large], { keys, threshold: 2 });
  assert.equal(outcome, "pass");
  assert.match(detail, /over size 10 /);
});

Deno.test("checkWitnesses() fails for a line that claims to be a known witness's and is not, whatever else holds", async () => {
  const right = await cosigned(11, 0, 1);
  const { text } = parseCheckpointNote(await fixture.note(10));
  const forged = { ...right, checkpoint: right.checkpoint + await witnesses[2]!.cosign(text, TIME) };
  assert.deepEqual(await check([right, forged], { keys, threshold: 2 }), {
    name: "witnesses",
    outcome: "fail",
    detail: "the checkpoint over size 11 has a cosignature that is not by witness.example/w3, as it claims",
  });
  // Of an unknown key it is ignored.
  assert.equal((await check([forged], { keys: keys.slice(0, 2) })).outcome, "pass");
});

Deno.test("checkWitnesses() finds the witnesses of a public log", async () => {
  const { note, witnessKeys } = vectors.cosigned[0]!;
  const anchor = { size: parseCheckpointNote(note).size, checkpoint: note };
  assert.equal((await check([anchor], { keys: witnessKeys })).outcome, "pass");
  const more = [...witnessKeys, vectors.absentKey];
  assert.equal((await check([anchor], { keys: more })).outcome, "fail");
  assert.equal((await check([anchor], { keys: more, threshold: 3 })).outcome, "pass");
});

Deno.test("checkWitnesses() takes a policy that cannot be for wrong usage", async () => {
  const anchors = [await cosigned(11, 0, 1, 2)];
  const wrong = (policy: WitnessPolicy, message: RegExp) =>
    assert.rejects(check(anchors, policy), (error) => {
      assert.ok(error instanceof Error && "exitCode" in error && error.exitCode === 2);
      assert.match(error.message, message);
      return true;
    });
  for (const threshold of [0, -1, 4, 1.5, NaN]) await wrong({ keys, threshold }, /threshold is not from 1/);
  await wrong({ keys: [] }, /threshold is not from 1/);
  await wrong({ keys: ["witness"] }, /is not <name>/);
  await wrong({ keys: [fixture.signer.verifierKey] }, /not for Ed25519 cosignatures/);
  await wrong({ keys: [keys[0]!, keys[0]!] }, /given twice/);
  const { publicKey } = parseWitnessKey(keys[0]!);
  await wrong({ keys: [keys[0]!, formatWitnessKey({ name: "other.example", publicKey })] }, /given twice/);
});

Deno.test("verifyProof() makes the witnesses a step of the ladder where they are asked for", async () => {
  const anchor = await fixture.evm("final");
  const proof = fixture.proof({ ...anchor, checkpoint: (await cosigned(11, 0)).checkpoint });
  const steps = async (witnesses?: WitnessPolicy) => {
    const { ok, answer, checks } = await verifyProof(proof, witnesses === undefined ? {} : { witnesses });
    return [ok, answer, checks.find(({ name }) => name === "witnesses")?.outcome];
  };
  assert.deepEqual(await steps(), [true, "valid", undefined]);
  assert.deepEqual(await steps({ keys: [keys[0]!] }), [true, "valid", "pass"]);
  assert.deepEqual(await steps({ keys, threshold: 1 }), [true, "valid", "pass"]);
  assert.deepEqual(await steps({ keys }), [false, "invalid", "fail"]);
  // Wrong usage is no verdict, whatever else is wrong.
  await assert.rejects(verifyProof({ ...proof, record: new Uint8Array() }, { witnesses: { keys: [] } }), {
    exitCode: 2,
  });
});
