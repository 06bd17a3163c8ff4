import assert from "node:assert/strict";
import { createLastObservations } from "../../../jobs/metrics/last_observations.ts";
import type { Observation } from "../../../lib/core/observation.ts";
import { PotError } from "../../../lib/core/errors.ts";
import { START } from "../../_fakes/job_fixture.ts";
import { createMemoryStateStore } from "../../_fakes/memory_state_store.ts";

const DAY_MS = 86_400_000;
const look = (check: string, atMs = START, more: Partial<Observation> = {}): Observation => ({
  check,
  status: "ok",
  reason: "nobody needs these words again",
  details: { address: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" },
  atMs,
  ...more,
});

Deno.test("createLastObservations() keeps the newest of each thing, for the next process too, without words", async () => {
  const state = createMemoryStateStore();
  const kept = createLastObservations(state);
  await kept.keep([
    look("endpoint", START, { subject: "endpoint-1", values: { latencyMs: 4 } }),
    look("endpoint", START, { subject: "endpoint-2", status: "failed" }),
    look("job", START, { subject: "anchor" }),
  ]);
  await kept.keep([look("endpoint", START + 1, { subject: "endpoint-1", values: { latencyMs: 5 } })]);
  // An older look that comes late.
  await kept.keep([look("endpoint", START - 1, { subject: "endpoint-2" })]);
  assert.deepEqual(await createLastObservations(state).read(), [
    { check: "endpoint", subject: "endpoint-1", status: "ok", values: { latencyMs: 5 }, atMs: START + 1 },
    { check: "endpoint", subject: "endpoint-2", status: "failed", values: {}, atMs: START },
  ]);
  const text = new TextDecoder().decode((await state.read("observations"))!.bytes);
  assert.ok(!text.includes("words") && !text.includes("0x"), text);
});

Deno.test("createLastObservations() writes nothing for what it does not keep", async () => {
  const state = createMemoryStateStore();
  const kept = createLastObservations(state);
  await kept.keep([]);
  await kept.keep([look("job", START, { subject: "anchor" })]);
  assert.equal(await state.read("observations"), undefined);
});

Deno.test("createLastObservations() forgets what its check no longer tells of", async () => {
  const kept = createLastObservations(createMemoryStateStore());
  await kept.keep([
    look("endpoint", START, { subject: "endpoint-2" }),
    look("restore-drill", START),
    look("gone", START - 8 * DAY_MS),
  ]);
  const checks = async () => (await kept.read()).map(({ check, subject }) => `${check} ${subject}`.trim());
  await kept.keep([look("endpoint", START + 2 * DAY_MS, { subject: "endpoint-1" })]);
  assert.deepEqual(await checks(), ["endpoint endpoint-2", "restore-drill", "gone", "endpoint endpoint-1"]);
  await kept.keep([look("endpoint", START + 7 * DAY_MS + 1, { subject: "endpoint-1" })]);
  assert.deepEqual(await checks(), ["restore-drill", "endpoint endpoint-1"]);
});

Deno.test("createLastObservations() takes along later what cannot be written now", async () => {
  const state = createMemoryStateStore();
  const kept = createLastObservations(state);
  state.failure = new Error("the disk is full");
  await kept.keep([look("balance")]);
  await assert.rejects(() => kept.read(), { message: "the disk is full" });
  state.failure = undefined;
  assert.deepEqual((await kept.read()).map(({ check }) => check), ["balance"]);
  assert.deepEqual(await createLastObservations(state).read(), []);
  await kept.keep([look("audit")]);
  assert.deepEqual((await createLastObservations(state).read()).map(({ check }) => check), [
    "balance",
    "audit",
  ]);
});

Deno.test("createLastObservations() loses nothing that processes keep at once", async () => {
  const state = createMemoryStateStore();
  const keepers = [0, 1, 2].map(() => createLastObservations(state));
  await Promise.all(keepers.map((kept, process) => kept.keep([look("a", START, { subject: `${process}` })])));
  const found = (await createLastObservations(state).read()).map(({ subject }) => subject);
  assert.deepEqual(found.toSorted(), ["0", "1", "2"]);
});

Deno.test("createLastObservations() refuses another program's document", async () => {
  const state = createMemoryStateStore();
  await state.write("observations", new TextEncoder().encode('{"schema":"pot-observations/2"}'), {
    version: undefined,
  });
  await assert.rejects(() => createLastObservations(state).read(), PotError);
});
