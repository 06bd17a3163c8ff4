import assert from "node:assert/strict";
import { withinTime } from "../../../lib/io/within_time.ts";

const whenLate = () => new Error("late");
const never = () => new Promise<never>(() => {});

Deno.test("withinTime() gives what was run, and leaves no timer behind", async () => {
  assert.equal(await withinTime(() => Promise.resolve(1), { timeoutMs: 60_000, whenLate }), 1);
  const failing = () => Promise.reject(new Error("of its own"));
  await assert.rejects(withinTime(failing, { timeoutMs: 60_000, whenLate }), { message: "of its own" });
});

Deno.test("withinTime() ends in time, whether the signal is heeded or not", async () => {
  await assert.rejects(withinTime(never, { timeoutMs: 10, whenLate }), { message: "late" });
  const heeding = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
    });
  await assert.rejects(withinTime(heeding, { timeoutMs: 10, whenLate }), { message: "late" });
});

Deno.test("withinTime() throws the reason of the signal, and runs nothing where that has aborted", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const waiting = withinTime(never, { timeoutMs: 60_000, whenLate, signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  let ran = false;
  const late = withinTime(
    () => {
      ran = true;
      return never();
    },
    { timeoutMs: 60_000, whenLate, signal: stop.signal },
  );
  await assert.rejects(late, (error) => error === reason);
  assert.equal(ran, false);
});
