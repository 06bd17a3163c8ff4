import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../lib/core/errors.ts";
import { parseEvent } from "../../../lib/core/parse_event.ts";

const event = { kind: "checkpoint", runId: "run-1", step: 5 };

Deno.test("parseEvent() keeps every field when all are right", () => {
  const full = {
    ...event,
    modelId: "m.1",
    epoch: 1.5,
    artifact: {
      algorithm: "sha256",
      digest: "ab".repeat(32),
      sizeBytes: 12,
      name: "a.safetensors",
      kind: "file",
      computed: true,
      format: "safetensors",
      tensors: [{ name: "w", dtype: "F32", shape: [2, 3] }],
    },
    dataset: { digest: "cd".repeat(32) },
    metrics: { loss: 0.25 },
    parameters: { optimizer: { name: "sgd", rates: [0.1, null, true] } },
    seed: -3,
    dataOrderDigest: "ef".repeat(32),
    occurredAt: "2026-01-31T12:00:00.000Z",
  };
  assert.deepEqual(parseEvent(full), full);
});

Deno.test("parseEvent() spells out NaN and infinities in metrics", () => {
  const { metrics } = parseEvent({
    ...event,
    metrics: { a: NaN, b: Infinity, c: -Infinity, d: "NaN", e: -0 },
  });
  assert.deepEqual(metrics, { a: "NaN", b: "Infinity", c: "-Infinity", d: "NaN", e: 0 });
});

Deno.test("parseEvent() takes whole numbers past 2^53 as decimal strings only", () => {
  assert.equal(parseEvent({ ...event, step: "9007199254740993" }).step, "9007199254740993");
  assert.throws(() => parseEvent({ ...event, step: 2 ** 53 }), UsageError);
  assert.throws(() => parseEvent({ ...event, step: "12" }), UsageError);
  assert.throws(() => parseEvent({ ...event, parameters: { n: 2 ** 60 } }), /parameters\.n/);
});

const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ["an unknown kind", { kind: "epoch" }, /as kind must be/],
  ["a run id with a slash", { runId: "a/b" }, /as runId must be/],
  ["an empty run id", { runId: "" }, /as runId must be/],
  ["a run id of 129 characters", { runId: "r".repeat(129) }, /as runId must be/],
  ["a checkpoint without a step", { step: undefined }, /as step must be given for a training checkpoint/],
  ["a negative step", { step: -1 }, /as step must be/],
  ["a fractional step", { step: 1.5 }, /as step must be/],
  ["a negative epoch", { epoch: -0.5 }, /as epoch must be/],
  ["an epoch that is no number", { epoch: "3" }, /as epoch must be/],
  ["an upper-case digest", { dataset: { digest: "AB".repeat(32) } }, /as dataset\.digest must be/],
  ["a metric that is text", { metrics: { loss: "low" } }, /as metrics\.loss must be/],
  ["a local time", { occurredAt: "2026-01-31T12:00:00.000+01:00" }, /as occurredAt must be/],
  ["a date that does not exist", { occurredAt: "2026-02-30T12:00:00.000Z" }, /as occurredAt must be/],
  ["an unknown field", { colour: "red" }, /event has an unknown field/],
  ["a parameter that is a function", { parameters: { f: () => 1 } }, /as parameters\.f must be/],
  ["a parameter that is a date", { parameters: { d: new Date(0) } }, /as parameters\.d must be/],
  [
    "an artifact with a path in its algorithm",
    { artifact: { algorithm: "md5" } },
    /as artifact\.algorithm must be/,
  ],
  [
    "a computed digest without a size",
    { artifact: { algorithm: "sha256", digest: "ab".repeat(32), kind: "file", computed: true } },
    /as artifact\.sizeBytes must be/,
  ],
];

for (const [name, fields, message] of wrong) {
  Deno.test(`parseEvent() names the field when it gets ${name}`, () => {
    assert.throws(() => parseEvent({ ...event, ...fields }), (error) => {
      assert(error instanceof UsageError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("parseEvent() answers with an event or a UsageError, whatever it gets", () => {
  fc.assert(
    fc.property(fc.anything(), (input) => {
      try {
        parseEvent(input);
      } catch (error) {
        assert(error instanceof UsageError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("parseEvent() refuses parameters nested deeper than 32", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 40; i++) deep = { deep };
  assert.throws(() => parseEvent({ ...event, parameters: { deep } }), /nested at most 32 deep/);
});

Deno.test("parseEvent() takes a list of tensors itself or its digest and count, never both", () => {
  const artifact = {
    algorithm: "sha256",
    digest: "ab".repeat(32),
    sizeBytes: 12,
    kind: "file",
    computed: true,
  };
  const byDigest = { ...artifact, tensorsDigest: "cd".repeat(32), tensorCount: 3, parameterCount: 9 };
  const read = (given: unknown) => parseEvent({ ...event, artifact: given }).artifact;
  assert.deepEqual(read(byDigest), byDigest);
  const { tensorCount: _count, ...uncounted } = byDigest;
  const { tensorsDigest: _digest, ...unnamed } = byDigest;
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [uncounted, /artifact\.tensorCount must be given together with tensorsDigest/],
    [unnamed, /artifact\.tensorCount must be given together with tensorsDigest/],
    [{ ...byDigest, tensors: [] }, /artifact\.tensorsDigest must be absent where tensors are listed/],
    [{ ...byDigest, tensorsDigest: "CD".repeat(32) }, /artifact\.tensorsDigest must be 64 lowercase hex/],
    [{ ...byDigest, tensorCount: -1 }, /artifact\.tensorCount must be a whole number/],
    [{ ...byDigest, parameterCount: "9" }, /artifact\.parameterCount must be a whole number/],
  ];
  for (const [given, message] of refused) assert.throws(() => read(given), { message });
});
