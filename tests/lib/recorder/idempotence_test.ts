import assert from "node:assert/strict";
import { eventKey } from "../../../lib/core/encode_record.ts";
import { eventOf, parseRecord } from "../../../lib/core/parse_record.ts";
import type { RecordEvent } from "../../../lib/core/record.ts";
import type { Log } from "../../../lib/log/log.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { createCli } from "../../_fakes/cli_harness.ts";
import { makeTempFolder, NOW, openRecorder } from "../../_fakes/recorder_fixture.ts";

const event: RecordEvent = {
  kind: "validation",
  runId: "run-1",
  step: 500,
  metrics: { loss: 0.25, accuracy: 0.9 },
  parameters: { split: "test" },
  occurredAt: "2026-01-30T08:00:00.000Z",
};

async function recordAt(log: Log, index: bigint) {
  return parseRecord((await log.entry(index))!);
}

Deno.test("record() answers the same event with the first record, however it is written and whenever it comes", async () => {
  await using folder = await makeTempFolder();
  let now = NOW;
  await using opened = await openRecorder(folder.path, { clock: { now: () => now } });
  const { recorder, log } = opened;
  const first = await recorder.record(event);
  assert.deepEqual([first.index, first.isDuplicate], [0n, false]);
  now += 86_400_000;
  const reordered = {
    occurredAt: "2026-01-30T08:00:00.000Z",
    parameters: { split: "test" },
    metrics: { accuracy: 0.9, loss: 0.25 },
    step: 500,
    runId: "run-1",
    kind: "validation",
  } as const;
  assert.deepEqual(await recorder.record(reordered), { ...first, isDuplicate: true });
  // Also where another record came in between, and from another process.
  await recorder.record({ ...event, step: 501 });
  assert.deepEqual(await recorder.record(event), { ...first, isDuplicate: true });
  await using other = await openRecorder(folder.path);
  assert.deepEqual(await other.recorder.record(event), { ...first, isDuplicate: true });
  assert.equal(await log.size(), 2n);
  assert.equal((await recordAt(log, 0n)).recordedAt, new Date(NOW).toISOString());
});

Deno.test("record() keeps one of many that are submitted at once", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const results = await Promise.all(Array.from({ length: 20 }, () => opened.recorder.record(event)));
  assert.equal(new Set(results.map(({ id }) => id)).size, 1);
  assert.deepEqual(results.map(({ isDuplicate }) => isDuplicate).sort(), [false, ...Array(19).fill(true)]);
  assert.equal(await opened.log.size(), 1n);
});

Deno.test("record() keeps one of each event that two processes submit at the same time", async () => {
  await using folder = await makeTempFolder();
  const count = 100;
  const startMs = Date.now() + 1_500;
  const script = new URL("record_process.ts", import.meta.url).pathname;
  const outputs = await Promise.all([1, 2].map(() =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--allow-all",
        script,
        folder.path,
        String(startMs),
        String(count),
      ],
    }).output()
  ));
  const [a, b] = outputs.map(({ success, stdout, stderr }) => {
    assert.ok(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout)) as { id: string; isDuplicate: boolean }[];
  });
  for (let step = 0; step < count; step++) {
    assert.equal(a![step]!.id, b![step]!.id);
    assert.equal([a![step]!, b![step]!].filter(({ isDuplicate }) => !isDuplicate).length, 1);
  }
  await using opened = await openRecorder(folder.path);
  assert.equal(await opened.log.size(), BigInt(count));
  assert.equal((await opened.log.checkpoint())!.size, BigInt(count));
});

Deno.test("record() keeps events that differ in one metric, or in anything else, apart", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const { occurredAt: _at, ...untimed } = event;
  const others: readonly RecordEvent[] = [
    { ...event, metrics: { loss: 0.25, accuracy: 0.91 } },
    { ...event, metrics: { loss: 0.25 } },
    { ...event, metrics: { loss: 0.25, accuracy: 0.9, f1: 0.5 } },
    { ...event, metrics: { loss: "NaN", accuracy: 0.9 } },
    { ...event, metrics: { loss: "Infinity", accuracy: 0.9 } },
    { ...event, metrics: { loss: "-Infinity", accuracy: 0.9 } },
    { ...event, occurredAt: "2026-01-30T08:00:00.001Z" },
    untimed,
    { ...event, kind: "custom" },
    { ...event, runId: "run-2" },
    { ...event, step: 501 },
    { ...event, parameters: {} },
  ];
  const results = [];
  for (const one of [event, ...others]) results.push(await opened.recorder.record(one));
  assert.ok(results.every(({ isDuplicate }) => !isDuplicate));
  assert.equal(new Set(results.map(({ id }) => id)).size, others.length + 1);
  for (const [i, one] of [event, ...others].entries()) {
    assert.deepEqual(await opened.recorder.record(one), { ...results[i], isDuplicate: true });
  }
});

const DIVERGED = { loss: "NaN", up: "Infinity", down: "-Infinity", fine: 0.5 } as const;

Deno.test("record() keeps NaN and infinite metrics through record, proof and verification", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const { recorder, log } = opened;
  const numbers = { loss: NaN, up: Infinity, down: -Infinity, fine: 0.5 };
  const { id } = await recorder.recordValidation({ runId: "run-1", step: 1, metrics: numbers });
  assert.deepEqual((await recordAt(log, 0n)).metrics, DIVERGED);
  // Numbers and their names are the same event.
  const named = await recorder.recordValidation({ runId: "run-1", step: 1, metrics: DIVERGED });
  assert.deepEqual([named.id, named.isDuplicate], [id, true]);

  await recorder.anchorPending();
  const proof = parseProof(formatProof(await recorder.prove(id)));
  assert.deepEqual(parseRecord(proof.record).metrics, DIVERGED);
  assert.equal((await verifyProof(proof)).ok, true);
});

Deno.test("pot record takes NaN and infinities as text, and pot runs and pot verify show them", async () => {
  await using cli = await createCli();
  await cli.run("init", "--local");
  const metrics = Object.entries(DIVERGED).flatMap(([name, value]) => ["--metric", `${name}=${value}`]);
  const line = ["record", "validation", "--run", "run-1", "--step", "7", ...metrics, "--json"];
  const first = (await cli.run(...line)).json;
  assert.deepEqual((await cli.run(...line)).json.records[0], { ...first.records[0], isDuplicate: true });

  const runs = (await cli.run("runs", "run-1", "--json")).json;
  assert.deepEqual(runs.records.map((record: { metrics: unknown }) => record.metrics), [DIVERGED]);
  assert.match((await cli.run("runs", "run-1")).out, / down=-Infinity fine=0\.5 loss=NaN up=Infinity\n/);
  await cli.run("prove", first.records[0].id, "-o", "p.json");
  assert.deepEqual((await cli.run("verify", "p.json", "--json")).json.record.metrics, DIVERGED);
});

Deno.test("record() keeps when a spooled event happened beside when it was recorded", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await opened.recorder.record(event);
  const record = await recordAt(opened.log, 0n);
  assert.deepEqual([record.occurredAt, record.recordedAt], [event.occurredAt, "2026-01-31T12:00:00.000Z"]);
  // It tells events apart; when they were recorded does not.
  const key = eventKey(eventOf(record));
  const { occurredAt: _at, ...untimed } = record;
  assert.deepEqual(eventKey(eventOf({ ...record, recordedAt: "2027-01-01T00:00:00.000Z" })), key);
  assert.notDeepEqual(eventKey(eventOf(untimed)), key);
});

Deno.test("pot record --occurred-at is shown by pot runs beside recordedAt", async () => {
  await using cli = await createCli();
  await cli.run("init", "--local");
  const at = "2026-01-30T08:00:00.000Z";
  await cli.run(
    "record",
    "validation",
    "--run",
    "run-1",
    "--step",
    "1",
    "--metric",
    "a=1",
    "--occurred-at",
    at,
  );
  const [record] = (await cli.run("runs", "run-1", "--json")).json.records;
  assert.equal(record.occurredAt, at);
  assert.notEqual(record.recordedAt, at);
});
