import assert from "node:assert/strict";
import { addSignatures } from "../../../lib/core/add_signatures.ts";
import { parseCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { PotError } from "../../../lib/core/errors.ts";
import { makeCosigner } from "../../_fakes/cosigner.ts";
import { createProofFixture } from "../../_fakes/proof_fixture.ts";

const fixture = await createProofFixture();
const note = await fixture.note(11);

Deno.test("addSignatures() puts another note's lines behind its own, the newer in place of one of the same key", async () => {
  const cosigner = await makeCosigner("witness.example/w1");
  const { text } = parseCheckpointNote(note);
  const [old, newer] = [await cosigner.cosign(text, 1n), await cosigner.cosign(text, 2n)];
  const once = addSignatures(note, `${text}\n${old}`)!;
  assert.equal(once, note + old);
  assert.equal(addSignatures(once, `${text}\n${newer}`), note + newer);
  assert.equal(addSignatures(once, note), once);
  assert.equal(addSignatures(note, note), note);
  const namesake = await makeCosigner("witness.example/w1");
  const other = await namesake.cosign(text, 3n);
  assert.equal(addSignatures(once, `${text}\n${other}`), note + old + other);
  assert.equal(addSignatures(note, await fixture.note(10)), undefined);
  assert.throws(() => addSignatures(note, "no note"), PotError);
});
