import assert from "node:assert/strict";
import { confirmJob } from "../../jobs/confirm_job.ts";

const { signal } = new AbortController();

Deno.test("confirmJob() sees transactions through, then refreshes anchors", async () => {
  const order: string[] = [];
  const job = confirmJob(
    { settle: (options) => Promise.resolve(void order.push(`settle ${options?.signal === signal}`)) },
    {
      refreshAnchors: (options) => (order.push(`refresh ${options?.signal === signal}`), Promise.resolve(2)),
    },
  );
  assert.deepEqual([job.name, job.schedule], ["confirm", "* * * * *"]);
  assert.deepEqual(await job.run(signal), { summary: "2 anchors moved on" });
  assert.deepEqual(order, ["settle true", "refresh true"]);
});

Deno.test("confirmJob() refreshes anchors although sending is stopped, and fails all the same", async () => {
  let refreshed = 0;
  const job = confirmJob(
    { settle: () => Promise.reject(new Error("writes are paused")) },
    { refreshAnchors: () => Promise.resolve(++refreshed) },
  );
  await assert.rejects(() => job.run(signal), { message: "writes are paused" });
  assert.equal(refreshed, 1);
});
