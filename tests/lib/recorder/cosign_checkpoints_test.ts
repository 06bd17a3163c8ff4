import assert from "node:assert/strict";
import {
  parseCheckpointNote,
  signCheckpointNote,
  verifyCheckpointNote,
} from "../../../lib/core/checkpoint_note.ts";
import { findCosignature } from "../../../lib/core/cosignature.ts";
import { PotError, UnreachableError } from "../../../lib/core/errors.ts";
import { importNoteSigner, parseWitnessKey } from "../../../lib/core/note_key.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { publishLog } from "../../../lib/log/publish_log.ts";
import { cosignCheckpoints } from "../../../lib/recorder/cosign_checkpoints.ts";
import { checkWitnesses, type WitnessPolicy } from "../../../lib/verify/check_witnesses.ts";
import type { Proof } from "../../../lib/verify/proof.ts";
import {
  makeTempFolder,
  type OpenedRecorder,
  openRecorder,
  ORIGIN,
  signerKey,
  verifierKey,
} from "../../_fakes/recorder_fixture.ts";
import { startWitness, type WitnessServer, type WitnessServerOptions } from "../../_fakes/witness_server.ts";

async function start(options: WitnessServerOptions = {}): Promise<WitnessServer> {
  const server = await startWitness(options);
  server.trust(ORIGIN, [verifierKey]);
  return server;
}

const witnessOf = ({ url, cosigner }: WitnessServer) => ({
  prefix: url,
  keys: [parseWitnessKey(cosigner.witnessKey)],
});

async function recordTo({ log, recorder }: OpenedRecorder, size: number): Promise<void> {
  for (let step = Number(await log.size()); step < size; step++) {
    await recorder.recordCheckpoint({ runId: "run-1", step });
  }
}

/** Which of the witnesses signed a note. */
async function signersOf(note: string, servers: readonly WitnessServer[]): Promise<readonly string[]> {
  const names = [];
  for (const { cosigner } of servers) {
    const { outcome } = await findCosignature(
      parseCheckpointNote(note),
      parseWitnessKey(cosigner.witnessKey),
    );
    if (outcome === "valid") names.push(cosigner.name);
    assert.notEqual(outcome, "invalid");
  }
  return names;
}

async function assertWitnessed({ anchors }: Proof, witnesses: WitnessPolicy): Promise<void> {
  assert.deepEqual((await checkWitnesses(anchors, { witnesses })).map(({ outcome }) => outcome), ["pass"]);
}

Deno.test("cosignCheckpoints() has the anchored checkpoint signed, and proofs carry the cosignature", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await using server = await start();
  await recordTo(opened, 3);
  const { anchor } = await opened.recorder.anchorPending();
  const { cosigned, skipped } = await cosignCheckpoints(opened, witnessOf(server));
  assert.deepEqual([cosigned.map(({ size, isKept }) => [size, isKept]), skipped], [[[3n, true]], []]);
  assert.deepEqual(server.statuses, [200]);

  const { id: firstId } = await opened.recorder.recordCheckpoint({ runId: "run-1", step: 0 });
  const proof = await opened.recorder.prove(firstId);
  assert.deepEqual(proof.record, await opened.log.entry(0n));
  const { checkpoint } = proof.anchors[0]!;
  assert.ok(checkpoint.startsWith(anchor!.note));
  assert.equal(await verifyCheckpointNote(checkpoint, verifierKey), true);
  const witnesses = { keys: [server.cosigner.witnessKey] };
  await assertWitnessed(proof, witnesses);
  // Also after the anchors are asked about again, and in another process.
  await opened.recorder.refreshAnchors();
  await using later = await openRecorder(folder.path);
  await assertWitnessed(await later.recorder.prove(firstId), witnesses);
});

Deno.test("cosignCheckpoints() keeps cosignatures through publishing; a larger size starts without", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await using server = await start();
  await recordTo(opened, 2);
  const publish = async () => {
    await opened.log.checkpoint();
    await publishLog(opened.log, `${folder.path}/public`, { files: denoFiles });
    return await signersOf(await Deno.readTextFile(`${folder.path}/public/checkpoint`), [server]);
  };
  assert.deepEqual(await publish(), []);
  await cosignCheckpoints(opened, witnessOf(server));
  assert.deepEqual([await publish(), await publish()], [["witness.example/w1"], ["witness.example/w1"]]);
  await recordTo(opened, 3);
  assert.deepEqual(await publish(), []);
  await cosignCheckpoints(opened, witnessOf(server));
  assert.deepEqual(await publish(), ["witness.example/w1"]);
  assert.deepEqual(server.statuses, [200, 409, 200]);
});

Deno.test("cosignCheckpoints() collects the signatures of two witnesses, each in its own time", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await using one = await start();
  await using two = await start({ name: "witness.example/w2" });
  const both = [one, two];
  await recordTo(opened, 1);
  await opened.recorder.anchorPending();
  await cosignCheckpoints(opened, witnessOf(one));
  await recordTo(opened, 5);
  await opened.recorder.anchorPending();
  // The second one has seen nothing yet, and signs what the first one signed, too.
  const { cosigned } = await cosignCheckpoints(opened, witnessOf(two));
  assert.deepEqual(cosigned.map(({ size }) => size), [1n, 5n]);
  await cosignCheckpoints(opened, witnessOf(one));
  const anchors = await opened.anchors.list();
  for (const { note } of anchors) assert.equal((await signersOf(note, both)).length, 2);
  const witnesses = { keys: both.map(({ cosigner }) => cosigner.witnessKey) };
  const { id } = await opened.recorder.recordCheckpoint({ runId: "run-1", step: 0 });
  await assertWitnessed(await opened.recorder.prove(id), witnesses);
});

Deno.test("cosignCheckpoints() has every anchored checkpoint signed that the witness has not passed, in order", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await using server = await start();
  for (const size of [2, 4, 7]) {
    await recordTo(opened, size);
    await opened.recorder.anchorPending();
  }
  await recordTo(opened, 9);
  const first = await cosignCheckpoints(opened, witnessOf(server));
  assert.deepEqual(first.cosigned.map(({ size }) => size), [2n, 4n, 7n, 9n]);
  assert.deepEqual(server.bodies.map((body) => body.split("\n")[0]), ["old 0", "old 2", "old 4", "old 7"]);
  // Once more: only the newest, from where the witness is.
  const again = await cosignCheckpoints(opened, witnessOf(server));
  assert.deepEqual(again.cosigned.map(({ size }) => size), [9n]);
  assert.deepEqual(server.statuses, [200, 200, 200, 200, 200]);
  assert.equal(server.bodies.at(-1)!.split("\n")[0], "old 9");
});

Deno.test("cosignCheckpoints() passes over anchored checkpoints that the witness is beyond", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await using server = await start();
  await recordTo(opened, 2);
  await opened.recorder.anchorPending();
  await recordTo(opened, 4);
  const head = (await opened.log.checkpoint())!;
  // Somebody else had it signed, a monitor perhaps.
  await fetch(`${server.url}/add-checkpoint`, { method: "POST", body: `old 0\n\n${head.note}` }).then((r) =>
    r.text()
  );
  const { cosigned, skipped } = await cosignCheckpoints(opened, witnessOf(server));
  assert.deepEqual(cosigned.map(({ size }) => size), [4n]);
  assert.deepEqual(skipped, [{ size: 2n, because: "the witness has signed size 4 since" }]);
});

Deno.test("cosignCheckpoints() gets by while others ask the same witness, and gives up on one that plays games", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await recordTo(opened, 5);
  const conflict = (size: number) =>
    new Response(`${size}\n`, { status: 409, headers: { "content-type": "text/x.tlog.size" } });
  const sizes = [1, 3];
  await using busy = await start({
    intercept: () => sizes.length > 0 ? conflict(sizes.shift()!) : conflict(0),
  });
  await assert.rejects(cosignCheckpoints(opened, witnessOf(busy)), {
    message: "Cannot get the checkpoint cosigned as the witness keeps asking for another old size",
  });
  assert.deepEqual(busy.bodies.map((body) => body.split("\n")[0]), ["old 0", "old 1", "old 3", "old 0"]);
  await using stubborn = await start({ intercept: () => conflict(0) });
  await assert.rejects(cosignCheckpoints(opened, witnessOf(stubborn)), /keeps asking/);
  assert.equal(stubborn.bodies.length, 1);
});

Deno.test("cosignCheckpoints() says so where the log was rewritten, and keeps nothing", async () => {
  await using folder = await makeTempFolder();
  await using server = await start();
  {
    await Deno.mkdir(`${folder.path}/a`);
    await using opened = await openRecorder(`${folder.path}/a`);
    await recordTo(opened, 3);
    await cosignCheckpoints(opened, witnessOf(server));
  }
  // The same key over another history: salts differ.
  await Deno.mkdir(`${folder.path}/b`);
  await using rewritten = await openRecorder(`${folder.path}/b`);
  await recordTo(rewritten, 5);
  const before = (await rewritten.log.checkpoint())!;
  await assert.rejects(cosignCheckpoints(rewritten, witnessOf(server)), (error) => {
    assert.ok(error instanceof PotError && error.exitCode === 1);
    assert.match(error.message, /this log was rewritten, or another one signs with its key/);
    assert.ok(error.facts.includes("size the witness signed last: 3") && error.facts.includes("size: 5"));
    return true;
  });
  assert.deepEqual(await rewritten.log.publishedCheckpoint(), before);
  assert.deepEqual(server.statuses, [200, 409, 422]);
  assert.equal(server.latest(ORIGIN)!.size, 3n);
});

Deno.test("cosignCheckpoints() says so where a rewritten log has an anchor that the witness has not seen", async () => {
  await using folder = await makeTempFolder();
  await using server = await start();
  {
    await Deno.mkdir(`${folder.path}/a`);
    await using opened = await openRecorder(`${folder.path}/a`);
    await recordTo(opened, 1);
    await cosignCheckpoints(opened, witnessOf(server));
  }
  await Deno.mkdir(`${folder.path}/b`);
  await using rewritten = await openRecorder(`${folder.path}/b`);
  await recordTo(rewritten, 2);
  await rewritten.recorder.anchorPending();
  await recordTo(rewritten, 3);
  await assert.rejects(cosignCheckpoints(rewritten, witnessOf(server)), /this log was rewritten/);
});

Deno.test("cosignCheckpoints() does not pass over an anchored checkpoint of another history, though the newest one extends", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await using server = await start();
  await recordTo(opened, 1);
  await cosignCheckpoints(opened, witnessOf(server));
  await recordTo(opened, 2);
  const { anchor } = await opened.recorder.anchorPending();
  const root = new Uint8Array(32).fill(7);
  const note = await signCheckpointNote(
    { origin: ORIGIN, size: 2n, root },
    await importNoteSigner(signerKey),
  );
  await opened.anchors.put({ ...anchor!, root, note });
  await recordTo(opened, 3);
  await assert.rejects(cosignCheckpoints(opened, witnessOf(server)), /this log was rewritten/);
  assert.equal(server.latest(ORIGIN)!.size, 1n);
});

Deno.test("cosignCheckpoints() says so where the log is behind what the witness knows", async () => {
  await using folder = await makeTempFolder();
  await using server = await start();
  await using opened = await openRecorder(folder.path);
  await recordTo(opened, 3);
  await cosignCheckpoints(opened, witnessOf(server));
  await Deno.mkdir(`${folder.path}/restored`);
  await using restored = await openRecorder(`${folder.path}/restored`);
  await recordTo(restored, 2);
  await assert.rejects(cosignCheckpoints(restored, witnessOf(server)), (error) => {
    assert.ok(error instanceof PotError && error.exitCode === 1);
    assert.equal(
      error.message,
      "Cannot get the checkpoint cosigned as the witness knows a larger one of this log",
    );
    assert.deepEqual(error.facts.slice(1), ["size it knows: 3", "size here: 2"]);
    return true;
  });
});

Deno.test("cosignCheckpoints() keeps nothing of a witness that signs another root, and what came before an outage", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await recordTo(opened, 2);
  await opened.recorder.anchorPending();
  await recordTo(opened, 3);
  const texts: string[] = [];
  await using liar = await start({
    distort: async (lines, text, cosigner) => {
      texts.push(text);
      return texts.length < 2 ? lines : await cosigner.cosign(texts[0]!, 9n);
    },
  });
  await assert.rejects(cosignCheckpoints(opened, witnessOf(liar)), /did not sign this checkpoint/);
  assert.deepEqual(await signersOf((await opened.log.publishedCheckpoint())!.note, [liar]), []);
  const [anchor] = await opened.anchors.list();
  assert.deepEqual(await signersOf(anchor!.note, [liar]), ["witness.example/w1"]);

  let asked = 0;
  await using failing = await start({
    name: "witness.example/w2",
    intercept: () => ++asked > 1 ? new Response("", { status: 503 }) : undefined,
  });
  await assert.rejects(cosignCheckpoints(opened, witnessOf(failing)), UnreachableError);
  assert.deepEqual(await signersOf((await opened.anchors.list())[0]!.note, [failing]), [
    "witness.example/w2",
  ]);
});

Deno.test("cosignCheckpoints() passes over an anchored checkpoint whose key the witness does not take any more", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await recordTo(opened, 2);
  await opened.recorder.anchorPending();
  await recordTo(opened, 3);
  let asked = 0;
  await using server = await start({
    intercept: () => ++asked === 1 ? new Response("", { status: 403 }) : undefined,
  });
  const { cosigned, skipped } = await cosignCheckpoints(opened, witnessOf(server));
  assert.deepEqual(cosigned.map(({ size }) => size), [3n]);
  assert.deepEqual(skipped, [{
    size: 2n,
    because: "Cannot get the checkpoint cosigned as the witness trusts no key that signed it",
  }]);
});

Deno.test("cosignCheckpoints() has nothing to ask for an empty log", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await using server = await start();
  await assert.rejects(cosignCheckpoints(opened, witnessOf(server)), { exitCode: 2 });
  assert.deepEqual(server.bodies, []);
});
