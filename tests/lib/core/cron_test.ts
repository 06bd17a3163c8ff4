import assert from "node:assert/strict";
import fc from "fast-check";
import { type CronSchedule, parseCron } from "../../../lib/core/cron.ts";

function schedule(text: string): CronSchedule {
  const parsed = parseCron(text);
  assert.ok(parsed.ok, parsed.ok ? "" : `${text}: ${parsed.reason}`);
  return parsed.schedule;
}

const at = (text: string) => Date.parse(text);
const shown = (atMs: number) => new Date(atMs).toISOString().replace(":00.000Z", "Z");
const nextOf = (text: string, from: string) => shown(schedule(text).next(at(from)));
const previousOf = (text: string, from: string) => shown(schedule(text).previous(at(from)));

Deno.test("parseCron() says when something is due next, and was due last, in UTC", () => {
  assert.equal(nextOf("* * * * *", "2026-01-31T23:59:30Z"), "2026-02-01T00:00Z");
  assert.equal(nextOf("* * * * *", "2026-01-31T12:00:00Z"), "2026-01-31T12:01Z");
  assert.equal(nextOf("*/10 * * * *", "2026-01-31T12:09:59.999Z"), "2026-01-31T12:10Z");
  assert.equal(nextOf("5/20 * * * *", "2026-01-31T12:26:00Z"), "2026-01-31T12:45Z");
  assert.equal(nextOf("0 3 * * *", "2026-01-31T03:00:00Z"), "2026-02-01T03:00Z");
  assert.equal(nextOf("30 9-17/4 * * *", "2026-01-31T10:00:00Z"), "2026-01-31T13:30Z");
  assert.equal(nextOf("0 0 29 2 *", "2026-01-01T00:00:00Z"), "2028-02-29T00:00Z");
  assert.equal(nextOf("0 0 29 2 *", "2096-03-01T00:00:00Z"), "2104-02-29T00:00Z");
  assert.equal(nextOf("0 22-2 * * *", "2026-01-31T23:30:00Z"), "2026-02-01T00:00Z");
  assert.equal(previousOf("*/10 * * * *", "2026-01-31T12:10:00Z"), "2026-01-31T12:10Z");
  assert.equal(previousOf("*/10 * * * *", "2026-01-31T12:09:59.999Z"), "2026-01-31T12:00Z");
  assert.equal(previousOf("0 3 1 * *", "2026-03-01T02:59:00Z"), "2026-02-01T03:00Z");
  assert.equal(previousOf("0 0 29 2 *", "2026-01-01T00:00:00Z"), "2024-02-29T00:00Z");
});

Deno.test("parseCron() counts weekdays as crontabs do, and takes names of days and months", () => {
  // 2026-02-01 is a Sunday.
  assert.equal(nextOf("0 0 * * 0", "2026-01-31T00:00:00Z"), "2026-02-01T00:00Z");
  assert.equal(nextOf("0 0 * * 7", "2026-01-31T00:00:00Z"), "2026-02-01T00:00Z");
  assert.equal(nextOf("0 0 * * 1", "2026-01-31T00:00:00Z"), "2026-02-02T00:00Z");
  assert.equal(nextOf("0 0 * * mon-Fri", "2026-01-31T00:00:00Z"), "2026-02-02T00:00Z");
  assert.equal(nextOf("0 0 * * SAT-MON", "2026-02-02T12:00:00Z"), "2026-02-07T00:00Z");
  assert.equal(nextOf("0 0 * * 5-7", "2026-01-31T12:00:00Z"), "2026-02-01T00:00Z");
  assert.equal(nextOf("0 0 1 APR,oct *", "2026-01-31T00:00:00Z"), "2026-04-01T00:00Z");
  // Both kinds of day: either is enough.
  assert.equal(nextOf("0 0 13 * FRI", "2026-02-01T00:00:00Z"), "2026-02-06T00:00Z");
  assert.equal(nextOf("0 0 13 * FRI", "2026-03-07T00:00:00Z"), "2026-03-13T00:00Z");
});

Deno.test("parseCron() spells out for Deno.cron what the two read differently", () => {
  assert.equal(schedule("*/15 0-2 * * 1-5").forDeno, "0,15,30,45 0,1,2 * * MON,TUE,WED,THU,FRI");
  assert.equal(schedule("0 3 1,15 2 7").forDeno, "0 3 1,15 2 SUN");
  assert.equal(schedule("* * * * 0-6").forDeno, "* * * * *");
});

Deno.test("parseCron() says what is wrong with a text", () => {
  const reasons = {
    "": "it must have five fields: minute, hour, day of the month, month, weekday",
    "@daily": "it must have five fields: minute, hour, day of the month, month, weekday",
    "* * * * * *": "it must have five fields: minute, hour, day of the month, month, weekday",
    "60 * * * *": 'minute "60" must be 0 to 59',
    "* 24 * * *": 'hour "24" must be 0 to 23',
    "* * 0 * *": 'day of the month "0" must be 1 to 31',
    "* * * 13 *": 'month "13" must be 1 to 12 or JAN to DEC',
    "* * * * 8": 'weekday "8" must be 0 to 7 or SUN to SAT',
    "* * * * MONDAY": 'weekday "MONDAY" must be 0 to 7 or SUN to SAT',
    "*/0 * * * *": 'the step in "*/0" must be 1 to 59',
    "*/60 * * * *": 'the step in "*/60" must be 1 to 59',
    "1, * * * *": 'minute "" is none of *, a value, a range or a step',
    "-5 * * * *": 'minute "-5" is none of *, a value, a range or a step',
    "* * L * *": 'day of the month "L" must be 1 to 31',
    "0 0 30 2 *": "no month of it has such a day",
    "0 0 31 FEB,APR *": "no month of it has such a day",
  };
  for (const [text, reason] of Object.entries(reasons)) {
    assert.deepEqual(parseCron(text), { ok: false, reason }, text);
  }
});

Deno.test("parseCron() never throws, and says nothing of any length", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const parsed = parseCron(text);
      assert.ok(parsed.ok || parsed.reason.length < 160);
    }),
    { numRuns: 300 },
  );
});

/** Fields of all shapes, from random sets. */
const texts = fc.tuple(
  fieldOf(0, 59),
  fieldOf(0, 23),
  fieldOf(1, 28),
  fieldOf(1, 12),
  fieldOf(0, 6),
).map((fields) => fields.join(" "));

function fieldOf(first: number, last: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: first, max: last });
  const step = fc.integer({ min: 1, max: last - first });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    step.map((every) => `*/${every}`),
    fc.tuple(value, value, step).map(([from, to, every]) => `${from}-${to}/${every}`),
    fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => values.join(",")),
  );
}

Deno.test("parseCron() is due next after it was due last, with nothing between, and means the same to itself as spelled out", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: at("2100-01-01T00:00Z") }), (text, fromMs) => {
      const cron = schedule(text);
      const next = cron.next(fromMs);
      const previous = cron.previous(fromMs);
      assert.ok(previous <= fromMs && fromMs < next, text);
      assert.equal(cron.previous(next), next, text);
      assert.equal(cron.previous(next - 1), previous, text);
      assert.equal(cron.next(previous), next, text);
      assert.equal(schedule(cron.forDeno).next(fromMs), next, text);
    }),
    { numRuns: 300 },
  );
});

Deno.test("parseCron() hands to the real Deno.cron only what that takes", async () => {
  for (
    const text of [
      "* * * * *",
      "*/59 */23 */30 */11 */6",
      "5/10 22-2 31 1,3 SAT-MON",
      "0 0 29 2 *",
      "0 0 * * 7",
    ]
  ) {
    const stop = new AbortController();
    const started = Deno.cron("test", schedule(text).forDeno, { signal: stop.signal }, () => {});
    stop.abort();
    await started;
  }
});
