import assert from "node:assert/strict";
import { type Check, lookAt, type Seeing, worstFirst } from "../../../jobs/checks/check.ts";
import { PotError, UnreachableError } from "../../../lib/core/errors.ts";

const signal = new AbortController().signal;
const check = (name: string, look: Check["look"]): Check => ({ name, look });

Deno.test("lookAt() dates what each check saw, and gives it the check's name", async () => {
  const seen: readonly Seeing[] = [
    { status: "ok", reason: "fine" },
    { check: "b", subject: "x", status: "degraded", reason: "slow" },
  ];
  assert.deepEqual(await lookAt([check("a", () => Promise.resolve(seen))], { signal, now: () => 7 }), [
    { check: "a", status: "ok", reason: "fine", atMs: 7 },
    { check: "b", subject: "x", status: "degraded", reason: "slow", atMs: 7 },
  ]);
});

Deno.test("lookAt() takes a throw for failed, and silence for unknown, and goes on with the others", async () => {
  const observations = await lookAt([
    check(
      "broken",
      () => Promise.reject(new PotError("Cannot do it", { facts: ["why: https://a.example/key"] })),
    ),
    check("mute", () => Promise.reject(new UnreachableError("Nobody answered"))),
    check("well", () => Promise.resolve([{ status: "ok", reason: "fine" }])),
  ], { signal, now: () => 1 });
  assert.deepEqual(observations, [
    {
      check: "broken",
      status: "failed",
      reason: "Cannot do it; why: https://a.example/[secret]",
      atMs: 1,
    },
    { check: "mute", status: "unknown", reason: "Nobody answered", atMs: 1 },
    { check: "well", status: "ok", reason: "fine", atMs: 1 },
  ]);
});

Deno.test("lookAt() hears of the others where one check hangs", async () => {
  const observations = await lookAt([
    check("hung", () => new Promise(() => {})),
    check("well", () => Promise.resolve([{ status: "ok", reason: "fine" }])),
  ], { signal, now: () => 1, timeoutMs: 20 });
  assert.deepEqual(observations, [
    { check: "hung", status: "unknown", reason: "no answer within 0.02 s", atMs: 1 },
    { check: "well", status: "ok", reason: "fine", atMs: 1 },
  ]);
});

Deno.test("lookAt() ends with the signal's reason", async () => {
  const aborted = AbortSignal.abort(new Error("stop"));
  const looking = lookAt([check("a", () => Promise.reject(new Error("cut")))], {
    signal: aborted,
    now: () => 1,
  });
  await assert.rejects(looking, { message: "stop" });
});

Deno.test("worstFirst() takes what nobody knows for worse than what is only degraded", () => {
  const seen = ["ok", "degraded", "unknown", "failed", "ok"] as const;
  const sorted = worstFirst(seen.map((status, i) => ({ status, i })));
  assert.deepEqual(sorted.map(({ status }) => status), ["failed", "unknown", "degraded", "ok", "ok"]);
  assert.deepEqual(sorted.map(({ i }) => i), [3, 2, 1, 0, 4]);
});
