import assert from "node:assert/strict";
import { formatBytes, startProgress } from "../../cli/progress.ts";

const CLEAR = "\r\x1b[2K";

/** A bar over a clock that the test moves. */
function start({ isTerminal = true } = {}) {
  const written: string[] = [];
  let time = 5_000;
  const progress = startProgress({ err: (text) => written.push(text), isTerminal }, {
    label: "hashing",
    now: () => time,
  });
  return { progress, written, wait: (ms: number) => time += ms };
}

Deno.test("startProgress() shows nothing in the first second, and wipes nothing then", () => {
  const { progress, written, wait } = start();
  progress.update(1, 100);
  wait(999);
  progress.update(99, 100);
  progress[Symbol.dispose]();
  assert.deepEqual(written, []);
});

Deno.test("startProgress() draws share, time left and note after a second, and wipes the line at the end", () => {
  const { progress, written, wait } = start();
  wait(1_000);
  progress.update(25, 100, "a.bin");
  assert.deepEqual(written, [`${CLEAR}hashing ██████░░░░░░░░░░░░░░░░░░ 25 % 3 s left a.bin`]);
  progress[Symbol.dispose]();
  assert.deepEqual(written.slice(1), [CLEAR]);
});

Deno.test("startProgress() draws at most ten times a second", () => {
  const { progress, written, wait } = start();
  wait(1_000);
  for (let ms = 0; ms < 1_000; ms++) {
    progress.update(ms, 1_000);
    wait(1);
  }
  assert.equal(written.length, 10);
});

Deno.test("startProgress() never writes where nobody watches", () => {
  const { progress, written, wait } = start({ isTerminal: false });
  wait(60_000);
  progress.update(1, 2);
  progress[Symbol.dispose]();
  assert.deepEqual(written, []);
});

Deno.test("startProgress() survives an unknown total and more than all", () => {
  const { progress, written, wait } = start();
  wait(2_000);
  progress.update(5, 0);
  wait(2_000);
  progress.update(12, 10);
  assert.deepEqual(written, [
    `${CLEAR}hashing ${"░".repeat(24)} 0 % `,
    `${CLEAR}hashing ${"█".repeat(24)} 100 % 0 s left `,
  ]);
});

Deno.test("startProgress() shows how many bytes pass in a second, where the unit is bytes", () => {
  const written: string[] = [];
  let time = 0;
  const progress = startProgress({ err: (text) => written.push(text), isTerminal: true }, {
    label: "hashing",
    unit: "bytes",
    now: () => time,
  });
  time = 2_000;
  progress.update(3_000_000_000, 4_000_000_000, "model.bin");
  assert.deepEqual(written, [`${CLEAR}hashing ${"█".repeat(18)}░░░░░░ 75 % 1.50 GB/s 1 s left model.bin`]);
  time = 4_000;
  progress.update(0, 4_000_000_000);
  assert.equal(written[1], `${CLEAR}hashing ${"░".repeat(24)} 0 % 0 B/s `);
});

Deno.test("formatBytes() writes three digits in the unit that fits", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [0.4, "0 B"],
    [999, "999 B"],
    [999.6, "1.00 kB"],
    [1_000, "1.00 kB"],
    [1_234, "1.23 kB"],
    [12_345, "12.3 kB"],
    [99_960, "100 kB"],
    [999_499, "999 kB"],
    [999_999, "1.00 MB"],
    [1.5e9, "1.50 GB"],
    [4e12, "4.00 TB"],
    [5e15, "5000 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text, String(bytes));
});
