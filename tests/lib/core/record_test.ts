import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeRecord, eventKey } from "../../../lib/core/encode_record.ts";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import { toHex } from "../../../lib/core/hex.ts";
import { eventOf, parseRecord } from "../../../lib/core/parse_record.ts";
import type { TrainingRecord } from "../../../lib/core/record.ts";

const record: TrainingRecord = {
  schema: "pot-record/1",
  kind: "validation",
  runId: "run-1",
  metrics: { accuracy: 0.5 },
  recordedAt: "2026-01-31T12:00:00.000Z",
  salt: "00".repeat(32),
};
const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("encodeRecord() writes canonical JSON", () => {
  const text = new TextDecoder().decode(encodeRecord(record));
  assert.equal(
    text,
    `{"kind":"validation","metrics":{"accuracy":0.5},"recordedAt":"2026-01-31T12:00:00.000Z","runId":"run-1","salt":"${
      "00".repeat(32)
    }","schema":"pot-record/1"}`,
  );
  assert.deepEqual(parseRecord(bytesOf(text)), record);
});

Deno.test("encodeRecord() refuses more than 65 535 bytes", () => {
  const parameters = { text: "x".repeat(70_000) };
  assert.throws(() => encodeRecord({ ...record, parameters }), /as it is too large/);
});

Deno.test("eventKey() ignores what recording added and nothing else", () => {
  const other = {
    ...record,
    salt: "11".repeat(32),
    previous: "22".repeat(32),
    recordedAt: "2027-01-01T00:00:00.000Z",
  };
  assert.equal(toHex(eventKey(eventOf(record))), toHex(eventKey(eventOf(other))));
  const changed = { ...record, metrics: { accuracy: 0.6 } };
  assert.notEqual(toHex(eventKey(eventOf(record))), toHex(eventKey(eventOf(changed))));
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["text that is not JSON", "{", /Cannot read the record/],
  ["a list", "[]", /schema is not known/],
  ["spaces between members", JSON.stringify(record, null, 1), /canonical JSON/],
  ["members in another order", JSON.stringify(record), /canonical JSON/],
  [
    "a duplicate member",
    new TextDecoder().decode(encodeRecord(record)).replace("{", '{"kind":"custom",'),
    /duplicate|twice/i,
  ],
  [
    "a number with a surplus zero",
    new TextDecoder().decode(encodeRecord(record)).replace("0.5", "0.50"),
    /canonical JSON/,
  ],
  [
    "an unknown field",
    new TextDecoder().decode(encodeRecord(record)).replace("{", '{"extra":1,'),
    /unknown field/,
  ],
];

for (const [name, text, message] of refused) {
  Deno.test(`parseRecord() refuses ${name}`, () => {
    assert.throws(() => parseRecord(bytesOf(text)), (error) => {
      assert(error instanceof PotError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("parseRecord() answers exit code 2 for another version and 1 for damage", () => {
  const text = new TextDecoder().decode(encodeRecord(record));
  const codeOf = (damaged: string) => {
    try {
      parseRecord(bytesOf(damaged));
    } catch (error) {
      return (error as PotError).exitCode;
    }
  };
  assert.equal(codeOf(text.replace("pot-record/1", "pot-record/2")), 2);
  assert.equal(codeOf(text.replace("validation", "validations")), 1);
});

Deno.test("parseRecord() refuses bytes that are not UTF-8", () => {
  assert.throws(() => parseRecord(Uint8Array.of(0xff, 0xfe)), /not UTF-8/);
});

Deno.test("parseRecord() never accepts a record with one byte changed to another meaning of itself", () => {
  const bytes = encodeRecord(record);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= mask;
      try {
        // What is still a record must be another one: its bytes are its identity.
        assert.notDeepEqual(parseRecord(damaged), record);
      } catch (error) {
        assert(error instanceof PotError, String(error));
        assert(!(error instanceof UsageError) || /schema/.test(error.message));
      }
    }),
    { numRuns: 1_000 },
  );
});
