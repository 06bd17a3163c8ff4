import assert from "node:assert/strict";
import { generateNoteKey } from "../../../lib/core/note_key.ts";
import { buildProof } from "../../../lib/recorder/build_proof.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import {
  makeTempFolder,
  openRecorder,
  ORIGIN,
  recordSteps,
  verifierKey,
} from "../../_fakes/recorder_fixture.ts";

Deno.test("buildProof() carries every log key, and of too many those that signed and the newest", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const { recorder, log } = opened;
  await recordSteps(recorder, 1, 3);
  await recorder.anchorPending();
  const anchors = await opened.anchors.list();
  const later = await Promise.all(
    Array.from({ length: 70 }, async () => (await generateNoteKey(ORIGIN)).verifierKey),
  );
  for (const newer of [later.slice(0, 63), later]) {
    const verifierKeys = () => Promise.resolve([...newer, verifierKey]);
    const proof = await buildProof(1n, { log: { ...log, verifierKeys }, anchors });
    assert.deepEqual(proof.logKeys, [...newer.slice(0, 63), verifierKey]);
    assert.equal((await verifyProof(parseProof(formatProof(proof)))).ok, true);
  }
});
