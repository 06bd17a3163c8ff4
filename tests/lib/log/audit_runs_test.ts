import assert from "node:assert/strict";
import { createRunTracker } from "../../../lib/log/audit_runs.ts";

Deno.test("createRunTracker() knows each run's last record, of many more runs than it keeps at hand", () => {
  using tracker = createRunTracker({ mostAtHand: 10 });
  const idOf = (run: number, n: number) => new Uint8Array(32).fill(run, 0, 16).fill(n, 16);
  for (let n = 0; n < 5; n++) {
    for (let run = 0; run < 97; run++) {
      // Some come often, others hardly ever.
      if (run % 7 !== 0 && n % 2 === 1) continue;
      const before = tracker.follow(`run-${run}`, idOf(run, n));
      const last = run % 7 === 0 ? n - 1 : n - 2;
      assert.deepEqual(before, n === 0 ? undefined : idOf(run, last), `run ${run}, record ${n}`);
    }
  }
});

Deno.test("createRunTracker() keeps what it was given, whatever becomes of the buffer", () => {
  using tracker = createRunTracker();
  const shared = new Uint8Array(32).fill(1);
  tracker.follow("run", shared);
  shared.fill(2);
  assert.deepEqual(tracker.follow("run", shared), new Uint8Array(32).fill(1));
});
