import assert from "node:assert/strict";
import type { JobClaim } from "../../jobs/job_state.ts";
import { watchClaims } from "../../jobs/watch_claims.ts";
import { HOUR_MS, MINUTE_MS, START } from "../_fakes/job_fixture.ts";

const claimOf = (host: string, renewedAtMs: number): JobClaim => ({
  attemptId: "a",
  trigger: "schedule",
  missedCount: 0,
  startedAtMs: renewedAtMs,
  renewedAtMs,
  holder: { host, pid: 7 },
});

Deno.test("watchClaims() takes a process of this host for dead by its last sign of life, one of another by watching it", () => {
  const claims = watchClaims({ host: "here" });
  const isDead = (host: string, nowMs: number) =>
    claims.isDead(host, { version: "1", claim: claimOf(host, START) }, nowMs);
  assert.deepEqual([isDead("here", START + 29_999), isDead("here", START + 30_000)], [false, true]);
  assert.equal(isDead("there", START + MINUTE_MS), false);
  assert.equal(isDead("there", START + MINUTE_MS + 29_999), false);
  assert.equal(isDead("there", START + MINUTE_MS + 30_000), true);
  assert.equal(
    watchClaims({ host: "here" }).isDead("there", {
      version: "1",
      claim: claimOf("there", START),
    }, START + 10 * MINUTE_MS),
    true,
  );
});

Deno.test("watchClaims() counts half a minute anew when the clock is set back, not until it is there again", () => {
  const claims = watchClaims({ host: "here" });
  const isDead = (nowMs: number) =>
    claims.isDead("work", { version: "1", claim: claimOf("here", START) }, nowMs);
  assert.equal(isDead(START + 10_000), false);
  const backMs = START - HOUR_MS;
  assert.deepEqual([isDead(backMs), isDead(backMs + 29_999), isDead(backMs + 30_000)], [false, false, true]);
});
