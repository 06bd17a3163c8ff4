import assert from "node:assert/strict";
import { diskCheck } from "../../../jobs/checks/disk_check.ts";
import { expiryCheck } from "../../../jobs/checks/expiry_check.ts";
import { pendingCheck } from "../../../jobs/checks/pending_check.ts";

const signal = new AbortController().signal;
const DAY_MS = 86_400_000;

async function disk(availableBytes: number, sizeBytes: number, tryWrite = () => Promise.resolve()) {
  const check = diskCheck({ space: () => Promise.resolve({ availableBytes, sizeBytes }), tryWrite });
  return (await check.look({ signal })).map(({ status, reason }) => [status, reason]);
}

Deno.test("diskCheck() counts what is left in parts, and on a large disk in bytes", async () => {
  const writes = ["ok", "a write went through"];
  assert.deepEqual(await disk(60e9, 10_000e9), [["ok", "60.0 GB free (1 %)"], writes]);
  assert.deepEqual(await disk(40e9, 100e9), [["ok", "40.0 GB free (40 %)"], writes]);
  assert.deepEqual(await disk(9e9, 100e9), [["degraded", "9.0 GB free (9 %)"], writes]);
  assert.deepEqual(await disk(2e9, 100e9), [["failed", "2.0 GB free (2 %)"], writes]);
  assert.deepEqual(await disk(0.4e9, 0.5e9), [["failed", "0.4 GB free (80 %)"], writes]);
});

Deno.test("diskCheck() tries a write, and tells why it failed", async () => {
  const [, write] = await disk(
    40e9,
    100e9,
    () => Promise.reject(new Error("No space left on device (os error 28)")),
  );
  assert.deepEqual(write, ["failed", "a write failed: No space left on device (os error 28)"]);
});

Deno.test("expiryCheck() tells two weeks before, and from the day on", async () => {
  const now = Date.parse("2026-11-22T00:00:00Z");
  const days = [20, 13, 0.5, 0, -3];
  const check = expiryCheck({
    expiries: () => Promise.resolve(days.map((left, i) => ({ name: `t${i}`, atMs: now + left * DAY_MS }))),
    now: () => now,
  });
  assert.deepEqual(
    (await check.look({ signal })).map(({ subject, status, reason }) => [subject, status, reason]),
    [
      ["t0", "ok", "expires on 2026-12-12, in 20 days"],
      ["t1", "degraded", "expires on 2026-12-05, in 13 days"],
      ["t2", "degraded", "expires on 2026-11-22, in 12 hours"],
      ["t3", "failed", "expired on 2026-11-22"],
      ["t4", "failed", "expired on 2026-11-19"],
    ],
  );
});

Deno.test("pendingCheck() measures the oldest wait against what is usual", async () => {
  const look = async (ageMs: number | undefined) => {
    const [seen] = await pendingCheck({
      oldestPendingMs: () =>
        Promise.resolve(ageMs === undefined ? undefined : { atMs: 5e6 - ageMs, count: 4 }),
      now: () => 5e6,
      expectedMs: 600_000,
    }).look({ signal });
    return [seen!.status, seen!.reason];
  };
  assert.deepEqual(await look(undefined), ["ok", "everything is anchored"]);
  assert.deepEqual(await look(1_200_000), ["ok", "4 wait for an anchor, the oldest for 20 min"]);
  assert.deepEqual(await look(1_260_000), ["degraded", "4 wait for an anchor, the oldest for 21 min"]);
  assert.deepEqual(await look(3_660_000), ["failed", "4 wait for an anchor, the oldest for 61 min"]);
  // A clock that was set back makes no negative wait.
  assert.deepEqual(await look(-1), ["ok", "4 wait for an anchor, the oldest for 0 min"]);
});
