import assert from "node:assert/strict";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import { compileNamePattern } from "../../../lib/core/name_pattern.ts";
import { parseRecordingPolicy } from "../../../lib/core/parse_recording_policy.ts";
import { parseRecord } from "../../../lib/core/parse_record.ts";
import type { TrainingRecord } from "../../../lib/core/record.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import type { Log } from "../../../lib/log/log.ts";
import type { Recorder } from "../../../lib/recorder/recorder.ts";
import {
  watchFolder,
  type WatchFolderDeps,
  type WatchFolderOptions,
} from "../../../lib/recorder/watch_folder.ts";
import type { WatchNews } from "../../../lib/recorder/watch_tally.ts";
import { createFakeWatchedFolder, type FakeWatchedFolder } from "../../_fakes/fake_watched_folder.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";
import { makeTempFolder, openRecorder } from "../../_fakes/recorder_fixture.ts";

const T = 1_800_000_000_000;

async function allRecords(log: Log): Promise<TrainingRecord[]> {
  const records: TrainingRecord[] = [];
  for (let i = 0n; i < await log.size(); i++) records.push(parseRecord((await log.entry(i))!));
  return records;
}

interface WatchOptions
  extends Partial<Omit<WatchFolderOptions, "policy">>, Partial<Pick<WatchFolderDeps, "readMetrics">> {
  policy?: string;
  /** Called before each wait, with how many there were; `false` ends the watch. @default once */
  onWait?: (count: number) => boolean | void;
  recorder?: Pick<Recorder, "record">;
  files?: FileLayer;
}

/** A real recorder beside a folder in memory; each `watch` is a process's life. */
async function createBench() {
  const temp = await makeTempFolder();
  const opened = await openRecorder(temp.path);
  const folder: FakeWatchedFolder = createFakeWatchedFolder();
  const watch = async ({ onWait, policy, ...options }: WatchOptions = {}) => {
    const stop = new AbortController();
    const clock = createRacingClock();
    let waits = 0;
    const news: WatchNews[] = [];
    const summary = await watchFolder({
      recorder: opened.recorder,
      files: denoFiles,
      folder,
      stateFolder: `${temp.path}/watch`,
      onNews: (each) => news.push(each),
      clock: {
        now: clock.now,
        sleep(ms, sleepOptions) {
          if (onWait?.(++waits) === false) stop.abort(new PotError("stopped"));
          return clock.sleep(ms, sleepOptions);
        },
      },
      ...options,
    }, {
      runId: "run-1",
      isOnce: onWait === undefined,
      signal: stop.signal,
      ...options,
      ...(policy === undefined ? {} : { policy: parseRecordingPolicy(policy) }),
    });
    return { summary, news, names: news.filter((each) => each.type === "recorded").map((each) => each.name) };
  };
  return {
    folder,
    watch,
    log: opened.log,
    recorder: opened.recorder,
    stateFolder: `${temp.path}/watch`,
    records: () => allRecords(opened.log),
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await temp[Symbol.asyncDispose]();
    },
  };
}

Deno.test("watchFolder() records what is there in order of step, then time, and after a restart only what is new", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_10.pt", "a", T + 5);
  folder.write("step_9.pt", "b", T + 9);
  folder.write("epoch=1-step=10.ckpt", "c", T + 4);
  assert.deepEqual((await watch()).names, ["step_9.pt", "epoch=1-step=10.ckpt", "step_10.pt"]);
  const again = await watch();
  assert.deepEqual([again.names, folder.digested.length], [[], 3]);
  folder.write("step_12.pt", "d", T + 1);
  folder.write("step_11.pt", "e", T + 2);
  assert.deepEqual((await watch()).names, ["step_11.pt", "step_12.pt"]);
  const records = await bench.records();
  assert.deepEqual(records.map(({ step, epoch, occurredAt }) => [step, epoch, occurredAt]), [
    [9, undefined, new Date(T + 9).toISOString()],
    [10, 1, new Date(T + 4).toISOString()],
    [10, undefined, new Date(T + 5).toISOString()],
    [11, undefined, new Date(T + 2).toISOString()],
    [12, undefined, new Date(T + 1).toISOString()],
  ]);
  assert.ok(
    records.every(({ kind, runId, artifact }) =>
      kind === "checkpoint" && runId === "run-1" && artifact?.computed
    ),
  );
});

Deno.test("watchFolder() records other bytes under an old name, and nothing for a touched file", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1", "a");
  await watch();
  folder.touch("step_1", T + 1);
  const touched = await watch();
  assert.deepEqual([touched.names, touched.summary.unchanged], [[], 1]);
  assert.equal((await watch()).summary.unchanged, 0);
  folder.write("step_1", "other", T + 1);
  assert.deepEqual((await watch()).names, ["step_1"]);
  assert.equal((await bench.records()).length, 2);
});

Deno.test("watchFolder() never records a file that is still being written", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  const { names } = await watch({
    settleMs: 5_000,
    rescanMs: 3_000,
    onWait(count) {
      // A longer file each time, for ten looks; then it stays as it is.
      if (count <= 10) folder.write("step_1", "x".repeat(count), T + count);
      return count < 20;
    },
  });
  assert.deepEqual(names, ["step_1"]);
  assert.equal((await bench.records())[0]!.artifact!.sizeBytes, 10);
});

Deno.test("watchFolder() settles anew where the file was written to while it was hashed", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1", "half");
  folder.onDigest = (name) => {
    if (folder.digested.length === 1) folder.write(name, "whole", T + 1);
  };
  const { names } = await watch({ onWait: (count) => count < 10 });
  assert.deepEqual(names, ["step_1"]);
  assert.deepEqual((await bench.records()).map(({ artifact }) => artifact!.sizeBytes), [5]);
});

Deno.test("watchFolder() records at once what its writer renamed", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1.tmp", "a");
  const { names } = await watch({
    settleMs: 1_000_000,
    onWait(count) {
      if (count === 2) folder.rename("step_1.tmp", "step_1");
      return count < 5;
    },
  });
  assert.deepEqual(names, ["step_1"]);
});

Deno.test("watchFolder() tells what it leaves out, once, and counts it", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  for (const name of ["last.ckpt", "epoch_3.pt", "bad\u0007_step_1", ".hidden_step_1", "step_2.tmp"]) {
    folder.write(name, "a");
  }
  folder.write("step_3", "");
  const { summary, news } = await watch({ onWait: (count) => count < 10 });
  assert.deepEqual(news, [
    {
      type: "ignored",
      name: "last.ckpt",
      because: "its name tells no step",
      hint: 'tell where it stands, such as --pattern "ckpt-{step}.pt"',
    },
    {
      type: "ignored",
      name: "epoch_3.pt",
      because: "its name tells an epoch but no step",
      hint: "give --steps-per-epoch, or name the step too",
    },
    {
      type: "ignored",
      name: "bad\u0007_step_1",
      because: "its name has characters that a record cannot hold",
    },
    { type: "waiting", name: "step_3", because: "it is empty" },
  ]);
  assert.equal(summary.ignored.count, 3);
  assert.deepEqual(summary.waiting, [{ name: "step_3", because: "it is empty" }]);
  assert.equal(await bench.log.size(), 0n);
  assert.deepEqual((await watch({ stepsPerEpoch: 100 })).names, ["epoch_3.pt"]);
  const patterned = await watch({ pattern: compileNamePattern("la{step}") });
  assert.equal(patterned.summary.ignored.because["its name does not have the form of the pattern"], 2);
});

Deno.test("watchFolder() keeps to the policy over restarts, and records the last one when it ends", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  const policy = "every=10steps";
  for (const step of [1, 5, 11, 12]) folder.write(`step_${step}`, `w${step}`);
  const first = await watch({ policy });
  assert.deepEqual(first.names, ["step_1", "step_11", "step_12"]);
  assert.deepEqual(first.summary.skipped, { count: 2, because: { "every=10steps: not due": 2 } });
  assert.deepEqual(folder.digested, ["step_1", "step_11", "step_12"]);
  // Not due either, as the policy remembers; and nothing was skipped last.
  assert.deepEqual((await watch({ policy })).names, []);
  folder.write("step_13", "w13");
  folder.write("step_21", "w21");
  assert.deepEqual((await watch({ policy })).names, ["step_21"]);
  // Stopped before it ended, another one begins: step_22 is still the last.
  folder.write("step_22", "w22");
  folder.onDigest = () => {
    throw new Error("gone");
  };
  assert.deepEqual((await watch({ policy })).names, []);
  folder.onDigest = () => {};
  assert.deepEqual((await watch({ policy })).names, ["step_22"]);
});

Deno.test("watchFolder() gives the policy and the record what was measured", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  for (const step of [1, 2, 3, 4]) folder.write(`step_${step}`, `w${step}`);
  const measured = new Map([["1", { loss: 3 }], ["2", { loss: 2.9 }], ["3", { loss: 1 }], ["4", {
    loss: 4,
  }]]);
  const { names } = await watch({
    policy: "improves=loss:min:0.5",
    readMetrics: (steps) => Promise.resolve(new Map([...measured].filter(([step]) => steps.has(step)))),
  });
  assert.deepEqual(names, ["step_1", "step_3", "step_4"]);
  assert.deepEqual((await bench.records()).map(({ metrics }) => metrics), [{ loss: 3 }, { loss: 1 }, {
    loss: 4,
  }]);
});

Deno.test("watchFolder() lives through a file that is deleted while it is hashed: the next one takes its place", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  for (const step of [1, 11, 12]) folder.write(`step_${step}`, `w${step}`);
  folder.onDigest = (name) => {
    if (name === "step_11") folder.remove(name);
  };
  const { summary, news } = await watch({ policy: "every=10steps" });
  assert.deepEqual(summary.failed, [{ name: "step_11", because: "it was deleted before it was hashed" }]);
  const [last] = news.filter((each) => each.type === "recorded").slice(-1);
  assert.deepEqual([last!.name, last!.reasons], ["step_12", ["in place of step_11, which is gone"]]);
});

Deno.test("watchFolder() tries an unreadable file again after a minute", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1", "a");
  folder.write("step_2", "b");
  folder.onDigest = (name) => {
    if (name === "step_1" && folder.digested.length < 4) {
      throw new UsageError("Cannot digest it", { hint: "chmod" });
    }
  };
  const { summary, names, news } = await watch({ onWait: (count) => count < 30 });
  assert.deepEqual(names, ["step_2", "step_1"]);
  assert.deepEqual(news.filter(({ type }) => type === "failed"), [
    { type: "failed", name: "step_1", because: "Cannot digest it; chmod" },
  ]);
  assert.deepEqual([summary.failed, folder.digested.length], [[], 4]);
});

Deno.test("watchFolder() waits for a folder that goes away, and says so once", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1", "a");
  const { names, news } = await watch({
    onWait(count) {
      folder.listError = count < 5 ? new Error("stale file handle") : undefined;
      return count < 10;
    },
  });
  assert.deepEqual(names, ["step_1"]);
  assert.deepEqual(news.filter(({ type }) => type === "notice"), [
    { type: "notice", text: "the folder cannot be read now, will try on: stale file handle" },
    { type: "notice", text: "the folder can be read again" },
  ]);
  folder.listError = new Error("stale file handle");
  await assert.rejects(() => watch(), /stale/);
});

Deno.test("watchFolder() records everything once, wherever it is killed", async () => {
  const names = ["step_1", "step_2", "step_3", "step_12"];
  let killedRounds = 0;
  // Each effect on the disk or the log is a moment to die at, before it or right after it.
  for (let deadly = 0; deadly < 60; deadly++) {
    await using bench = await createBench();
    const { folder, watch, recorder } = bench;
    for (const name of names) folder.write(name, name);
    let effects = 0;
    const dieAround = async <R>(effect: () => Promise<R>): Promise<R> => {
      if (effects++ === deadly) throw new Error("killed");
      const result = await effect();
      if (effects++ === deadly) throw new Error("killed");
      return result;
    };
    const deadlyParts: WatchOptions = {
      recorder: { record: (event, options) => dieAround(() => recorder.record(event, options)) },
      files: {
        ...denoFiles,
        async open(path, options) {
          const handle = await denoFiles.open(path, options);
          return { ...handle, writeAt: (offset, bytes) => dieAround(() => handle.writeAt(offset, bytes)) };
        },
      },
      policy: "every=10steps,every=1epoch",
    };
    const isKilled = await watch(deadlyParts).then(() => false, (error: Error) => {
      assert.match(String(error.cause ?? error), /killed/);
      return true;
    });
    if (isKilled) killedRounds++;
    // What a trainer does meanwhile: a touched file, and one that is rotated away.
    if (isKilled) folder.touch("step_1", T + 77);
    await watch({ policy: "every=10steps,every=1epoch" });
    const counts = new Map<string, number>();
    for (const { artifact } of await bench.records()) {
      counts.set(artifact!.name!, (counts.get(artifact!.name!) ?? 0) + 1);
    }
    assert.deepEqual([...counts.values()].filter((count) => count !== 1), [], `killed at effect ${deadly}`);
    assert.ok(counts.has("step_1") && counts.has("step_12"), `killed at effect ${deadly}`);
    if (!isKilled) break;
  }
  assert.ok(killedRounds >= 8, `${killedRounds} rounds`);
});

Deno.test("watchFolder() records what was planned though its file was deleted meanwhile", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1", "a");
  await assert.rejects(
    () => watch({ recorder: { record: () => Promise.reject(new Error("killed")) } }),
    /killed/,
  );
  folder.remove("step_1");
  assert.deepEqual((await watch()).names, ["step_1"]);
  assert.equal(await bench.log.size(), 1n);
});

Deno.test("watchFolder() without its state finds in the log what was recorded", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1", "a");
  await watch();
  await Deno.remove(bench.stateFolder, { recursive: true });
  const { summary } = await watch();
  assert.deepEqual([summary.recorded, summary.alreadyRecorded, await bench.log.size()], [0, 1, 1n]);
});

Deno.test("watchFolder() refuses a second watch of the same folder and run, and a damaged state", async () => {
  await using bench = await createBench();
  const { folder, watch } = bench;
  folder.write("step_1", "a");
  let second: unknown;
  await watch({
    onWait(count) {
      if (count === 1) second = watch().catch((error) => error);
      return count < 5;
    },
  });
  const refusal = await second;
  assert.ok(refusal instanceof UsageError);
  assert.equal(refusal.message, "Cannot watch the folder as another process watches it for this run");
  await watch({ runId: "run-2" });

  const states = [...Deno.readDirSync(bench.stateFolder)].map(({ name }) => name).filter((name) =>
    name.endsWith("l")
  );
  assert.equal(states.length, 2);
  for (
    const line of [
      '{"type":"recorded"}',
      '{"type":"planned","item":{"name":"a","fingerprint":"b"},"event":{},"reasons":[]}',
      "x",
      "null",
    ]
  ) {
    for (const name of states) {
      const path = `${bench.stateFolder}/${name}`;
      const before = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, `${before}${line}\n`);
      const runId = JSON.parse(before.split("\n")[0]!).runId;
      await assert.rejects(() => watch({ runId }), {
        message: "Cannot go on watching as what was seen so far is damaged",
        hint: "move the file away: what is recorded already is found again by its bytes, name and time",
      });
      await Deno.writeTextFile(path, before);
    }
  }
});
