import assert from "node:assert/strict";
import { runAlertFlood } from "../../_fakes/alert_flood.ts";

Deno.test("createAlerts() makes at most fifty messages a channel of ten thousand alerts from fifty causes", async () => {
  const { sent, resolved, writes, largestBytes, waiting } = await runAlertFlood();
  assert.deepEqual(sent, { slack: 50, mail: 50, pager: 50 });
  assert.equal(resolved, 50);
  assert.equal(waiting, 0);
  // One for each second's calls, one for each message that was taken.
  assert.ok(writes <= 60 + 2 + 150, `${writes} writes`);
  assert.ok(largestBytes < 2_500_000, `${largestBytes} bytes`);
});
