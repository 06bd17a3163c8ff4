import assert from "node:assert/strict";
import fc from "fast-check";
import { createRunOrderCheck, type RecordPlace, type RunEntry } from "../../../lib/core/run_order.ts";

const id = (n: number) => n.toString(16).padStart(64, "0");
const time = (n: number) => new Date(1_800_000_000_000 + n).toISOString();
const entry = (index: number, more: Partial<RunEntry> = {}): RunEntry => ({
  index: BigInt(index),
  id: id(index),
  ...(index === 0 ? {} : { previous: id(index - 1) }),
  recordedAt: time(index),
  ...more,
});

/** Records of the run are found at their index; `others` are elsewhere. */
async function findings(entries: readonly RunEntry[], others: Readonly<Record<string, RecordPlace>> = {}) {
  const places = new Map(entries.map((each) => [each.id, { index: each.index, runId: "run-1" }]));
  let lookUps = 0;
  const check = createRunOrderCheck({
    runId: "run-1",
    findRecord: (wanted) => {
      lookUps++;
      return Promise.resolve(others[wanted] ?? places.get(wanted));
    },
  });
  const found = [];
  for (const each of entries) found.push(...await check.add(each));
  return { found, lookUps, lines: found.map((f) => `${f.severity} ${f.kind} ${f.index}: ${f.detail}`) };
}

const first = (): RunEntry => {
  const { previous: _, ...rest } = entry(0);
  return rest;
};

Deno.test("createRunOrderCheck() finds nothing in a whole chain, and looks nothing up", async () => {
  const entries = Array.from({ length: 500 }, (_, i) => entry(i, { step: i, occurredAt: time(i - 5) }));
  assert.deepEqual(await findings(entries), { found: [], lookUps: 0, lines: [] });
  assert.deepEqual((await findings([])).lines, []);
});

Deno.test("createRunOrderCheck() finds gaps", async () => {
  assert.deepEqual((await findings([first(), entry(1), entry(3)])).lines, [
    `broken gap 3: names ${id(2)} as the record before it, which the log does not hold`,
  ]);
  assert.deepEqual((await findings([entry(1), entry(2)])).lines, [
    `broken gap 1: names ${id(0)} as the record before it, which the log does not hold`,
  ]);
  const { previous: _, ...anew } = entry(2);
  assert.deepEqual((await findings([first(), entry(1), anew])).lines, [
    "broken gap 2: names no record before it, but record 1 is",
  ]);
  const elsewhere = { [id(9)]: { index: 0n, runId: "run-2" }, [id(8)]: { index: 7n, runId: "run-1" } };
  const strays = [first(), entry(1, { previous: id(9) }), entry(2, { previous: id(8) })];
  assert.deepEqual((await findings(strays, elsewhere)).lines, [
    `broken gap 1: names ${id(9)} as the record before it, which is one of run run-2`,
    `broken gap 2: names ${id(8)} as the record before it, which comes after it`,
  ]);
});

Deno.test("createRunOrderCheck() finds forks, and follows both branches after one", async () => {
  const entries = [
    first(),
    entry(1),
    entry(2, { previous: id(0) }),
    entry(3, { previous: id(1) }),
    entry(4, { previous: id(2) }),
    entry(5, { previous: id(0) }),
  ];
  assert.deepEqual((await findings(entries)).lines, [
    "broken fork 2: names record 0 as the one before it, and so does another record",
    "broken fork 5: names record 0 as the one before it, and so does another record",
  ]);
});

Deno.test("createRunOrderCheck() warns where the clock goes backwards", async () => {
  const entries = [
    first(),
    entry(1, { recordedAt: time(-1) }),
    entry(2, { occurredAt: time(1) }),
    entry(3, { occurredAt: time(0) }),
    entry(4, { occurredAt: time(5) }),
  ];
  assert.deepEqual((await findings(entries)).lines, [
    `warning clock 1: recorded at ${time(-1)}, before record 0 (${time(0)})`,
    `warning clock 3: happened at ${time(0)}, before record 2 (${time(1)})`,
    `warning clock 4: happened at ${time(5)}, after it was recorded (${time(4)})`,
  ]);
});

Deno.test("createRunOrderCheck() warns where the step goes backwards, once for each time", async () => {
  const steps = ["9007199254740993", 500, undefined, 400, 450, 450];
  const entries = steps.map((step, i) => entry(i, step === undefined ? {} : { step }));
  assert.deepEqual((await findings(entries)).lines, [
    "warning step 1: step 500 after step 9007199254740993 of record 0",
    "warning step 3: step 400 after step 500 of record 1",
  ]);
});

Deno.test("createRunOrderCheck() breaks exactly where the links are not those of a chain", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.nat({ max: 12 })), { maxLength: 12 }), async (links) => {
      // Link n - 1 of entry n is the chain's; every other one is a gap or a fork, unless it continues an open end.
      const entries = links.map((link, i) => {
        const { previous: _, ...rest } = entry(i);
        return { ...rest, ...(link === null ? {} : { previous: id(link) }) };
      });
      const { found } = await findings(entries);
      const named = new Set<number>();
      const expected = links.flatMap((link, i) => {
        const isFine = link === null ? i === 0 : link < i && !named.has(link);
        if (link !== null && link < i) {
          const isFork = named.has(link);
          named.add(link);
          return isFork ? [`fork ${i}`] : [];
        }
        return isFine ? [] : [`gap ${i}`];
      });
      assert.deepEqual(found.map(({ kind, index }) => `${kind} ${index}`), expected);
    }),
    { numRuns: 300 },
  );
});
