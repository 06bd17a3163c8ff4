import assert from "node:assert/strict";
import { UsageError } from "../../../lib/core/errors.ts";
import { parseRecordingPolicy } from "../../../lib/core/parse_recording_policy.ts";
import { recordByPolicy } from "../../../lib/recorder/record_by_policy.ts";
import { makeTempFolder, openRecorder } from "../../_fakes/recorder_fixture.ts";

Deno.test("recordByPolicy() records by run and kind, and the last of each at the end", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const sparing = recordByPolicy(opened.recorder, parseRecordingPolicy("every=10steps"));
  const said: unknown[] = [];
  for (const runId of ["a", "b"]) {
    for (const step of [1, 5, 12]) {
      const { reasons, result } = await sparing.recordCheckpoint({ runId, step });
      said.push([reasons, result?.index]);
    }
  }
  said.push((await sparing.recordValidation({ runId: "a", step: 12 })).result?.index);
  said.push((await sparing.recordCheckpoint({ runId: "a", step: 13 })).result?.index);
  const kept = ["every=10steps"];
  const not = ["every=10steps: not due"];
  assert.deepEqual(said, [
    [["first", ...kept], 0n],
    [not, undefined],
    [kept, 1n],
    [["first", ...kept], 2n],
    [not, undefined],
    [kept, 3n],
    4n,
    undefined,
  ]);
  assert.deepEqual((await sparing.finish()).map(({ index }) => index), [5n]);
  assert.deepEqual(await sparing.finish(), []);
  assert.deepEqual(sparing.summary(), [
    {
      runId: "a",
      kind: "checkpoint",
      recorded: 3,
      skipped: 1,
      skippedBecause: { "every=10steps: not due": 1 },
    },
    {
      runId: "b",
      kind: "checkpoint",
      recorded: 2,
      skipped: 1,
      skippedBecause: { "every=10steps: not due": 1 },
    },
    { runId: "a", kind: "validation", recorded: 1, skipped: 0, skippedBecause: {} },
  ]);
});

Deno.test("recordByPolicy() records what is due though the first attempt failed", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  let fails = true;
  const record: typeof opened.recorder.record = (event, options) =>
    fails ? Promise.reject(new Error("disk")) : opened.recorder.record(event, options);
  const sparing = recordByPolicy({ record }, parseRecordingPolicy("every=10steps"));
  const event = { runId: "a", step: 1 };
  await assert.rejects(() => sparing.recordCheckpoint(event), /disk/);
  fails = false;
  assert.equal((await sparing.recordCheckpoint(event)).result?.index, 0n);
  await sparing.recordCheckpoint({ runId: "a", step: 2 });
  fails = true;
  await assert.rejects(() => sparing.finish(), /disk/);
  fails = false;
  assert.deepEqual((await sparing.finish()).map(({ index }) => index), [1n]);
});

Deno.test("recordByPolicy() leaves a wrong event out of the policy's count", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const sparing = recordByPolicy(opened.recorder, { rules: [] });
  await assert.rejects(() => sparing.recordCheckpoint({ runId: "a b", step: 1 }), UsageError);
  assert.deepEqual((await sparing.recordCheckpoint({ runId: "a", step: 1 })).reasons, ["first"]);
});
