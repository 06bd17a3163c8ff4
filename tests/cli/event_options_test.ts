import assert from "node:assert/strict";
import { type EventOptions, parseEventOptions } from "../../cli/event_options.ts";

const RUN: EventOptions = { run: "run-1" };

Deno.test("parseEventOptions() keeps what is given and invents nothing", () => {
  assert.deepEqual(parseEventOptions("validation", RUN), { kind: "validation", runId: "run-1" });
  assert.deepEqual(
    parseEventOptions("checkpoint", {
      run: "run-1",
      step: "500",
      epoch: 1.5,
      model: "m.2",
      metric: ["loss=0.25"],
      parameter: ["lr=0.1"],
      seed: "-7",
      datasetDigest: "ab".repeat(32),
      occurredAt: "2026-01-31T12:00:00.000Z",
    }),
    {
      kind: "checkpoint",
      runId: "run-1",
      modelId: "m.2",
      step: 500,
      epoch: 1.5,
      dataset: { digest: "ab".repeat(32) },
      metrics: { loss: 0.25 },
      parameters: { lr: 0.1 },
      seed: -7,
      occurredAt: "2026-01-31T12:00:00.000Z",
    },
  );
});

Deno.test("parseEventOptions() keeps whole numbers past 2^53 exact, as text", () => {
  const { step, seed } = parseEventOptions("checkpoint", {
    ...RUN,
    step: "9007199254740993",
    seed: "18446744073709551615",
  });
  assert.deepEqual([step, seed], ["9007199254740993", "18446744073709551615"]);
  assert.equal(parseEventOptions("checkpoint", { ...RUN, step: "9007199254740991" }).step, 2 ** 53 - 1);
});

Deno.test("parseEventOptions() names the field that is wrong", () => {
  const wrong: readonly [Partial<EventOptions>, RegExp][] = [
    [{ run: "two words" }, /^Cannot read the record as runId must be 1 to 128 of/],
    [{ run: "../x" }, /runId/],
    [{ step: "-1" }, /as step must be a whole number from 0/],
    [{ step: "1.5" }, /step/],
    [{ step: "1e3" }, /step/],
    [{ epoch: -1 }, /epoch/],
    [{ epoch: NaN }, /epoch/],
    [{ model: "" }, /modelId/],
    [{ seed: "x" }, /seed/],
    [{ datasetDigest: "AB".repeat(32) }, /dataset\.digest must be 64 lowercase hex characters/],
    [{ occurredAt: "yesterday" }, /occurredAt must be a UTC time such as/],
    [{ occurredAt: "2026-02-30T12:00:00.000Z" }, /occurredAt/],
    [{ metric: ["loss"] }, /--metric/],
    [{ parameter: ["big=9007199254740993"] }, /parameters\.big/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => parseEventOptions("checkpoint", { ...RUN, step: "1", ...options }),
      { name: "UsageError", exitCode: 2, message },
      JSON.stringify(options),
    );
  }
});
