import assert from "node:assert/strict";
import { anchorJob } from "../../jobs/anchor_job.ts";
import { WritesPausedError } from "../../lib/chain/write_pause.ts";
import { UnreachableError } from "../../lib/core/errors.ts";

const { signal } = new AbortController();

Deno.test("anchorJob() refreshes, anchors, and sums up; an outage is its failure", async () => {
  const calls: string[] = [];
  const job = anchorJob({
    refreshAnchors: (options) => {
      assert.equal(options?.signal, signal);
      calls.push("refresh");
      return Promise.resolve(2);
    },
    anchorPending: (options) => {
      assert.equal(options?.signal, signal);
      calls.push("anchor");
      return Promise.resolve({ recordCount: 30, storedCount: 0 });
    },
  });
  assert.deepEqual(await job.run(signal), { summary: "anchored 30 records, 2 anchors moved on" });
  // A reorganisation has to be seen before it can be made good.
  assert.deepEqual(calls, ["refresh", "anchor"]);
  const outage = new UnreachableError("Cannot reach the chain as no endpoint answered");
  const failing = anchorJob({
    refreshAnchors: () => Promise.resolve(0),
    anchorPending: () => Promise.reject(outage),
  });
  await assert.rejects(() => failing.run(signal), outage);
});

Deno.test("anchorJob() says that writes are paused, and does not fail for it", async () => {
  const note = { reason: "operator", detail: "maintenance", since: "2026-01-31T12:00:00.000Z" } as const;
  const job = anchorJob({
    refreshAnchors: () => Promise.resolve(1),
    anchorPending: () => Promise.reject(new WritesPausedError("anchor", note)),
  });
  assert.deepEqual(await job.run(signal), {
    summary: "anchored nothing as writes are paused (operator), 1 anchors moved on",
  });
});
