import assert from "node:assert/strict";
import { type Ticker, whileWaiting } from "../../cli/while_waiting.ts";

const CLEAR = "\r\x1b[2K";

/** Waits for work during which the clock ticks so often. */
async function wait(
  ticks: number,
  { isTerminal = true, fails = false, isAsking = (): boolean => false } = {},
) {
  const written: string[] = [];
  let tick = () => {};
  let isStopped = false;
  const ticker: Ticker = (onTick, everyMs) => {
    assert.equal(everyMs, 250);
    tick = onTick;
    return () => isStopped = true;
  };
  const context = { err: (text: string) => written.push(text), isTerminal, isAsking };
  const result = await whileWaiting(context, { label: "waiting for the chain", ticker }, () => {
    for (let i = 0; i < ticks; i++) tick();
    return fails ? Promise.reject(new Error("work failed")) : Promise.resolve(42);
  }).catch((error: Error) => error.message);
  return { written, result, isStopped };
}

Deno.test("whileWaiting() shows nothing in the first second", async () => {
  assert.deepEqual(await wait(3), { written: [], result: 42, isStopped: true });
});

Deno.test("whileWaiting() says how long it has been, and wipes the line before the result is printed", async () => {
  const { written } = await wait(9);
  const line = (seconds: number) => `${CLEAR}waiting for the chain … ${seconds} s`;
  assert.deepEqual(written, [line(1), line(1), line(1), line(1), line(2), line(2), CLEAR]);
});

Deno.test("whileWaiting() draws nothing over a question that waits for its answer", async () => {
  let ticks = 0;
  const { written } = await wait(9, { isAsking: () => ticks++ < 4 });
  assert.deepEqual(written, [
    `${CLEAR}waiting for the chain … 2 s`,
    `${CLEAR}waiting for the chain … 2 s`,
    CLEAR,
  ]);
});

Deno.test("whileWaiting() wipes the line and stops its clock when the work fails too", async () => {
  const { written, result, isStopped } = await wait(4, { fails: true });
  assert.deepEqual([written.at(-1), result, isStopped], [CLEAR, "work failed", true]);
});

Deno.test("whileWaiting() starts no clock where nobody watches", async () => {
  assert.deepEqual(await wait(9, { isTerminal: false }), { written: [], result: 42, isStopped: false });
});

Deno.test("whileWaiting() leaves no timer of its own behind", async () => {
  assert.equal(
    await whileWaiting({ err: () => {}, isTerminal: true }, { label: "x" }, () => Promise.resolve(1)),
    1,
  );
});
