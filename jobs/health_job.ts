import type { Clock } from "../lib/core/clock.ts";
import { type Check, lookAt, worstFirst } from "./checks/check.ts";
import type { Job } from "./job.ts";

/** Looks at everything that recording and anchoring rest on; what is wrong is seen, and no failure of the job. */
export function healthJob(checks: readonly Check[], clock: Pick<Clock, "now">): Job {
  return {
    name: "health",
    schedule: "* * * * *",
    timeoutMs: 55_000,
    async run(signal) {
      const observations = await lookAt(checks, { signal, now: () => clock.now() });
      const bad = worstFirst(observations.filter(({ status }) => status !== "ok"));
      const named = bad.map(({ check, subject, status }) => `${subject ?? check} ${status}`);
      return {
        summary: bad.length === 0
          ? `${observations.length} checks, all ok`
          : `${observations.length} checks, ${bad.length} not ok: ${named.join(", ")}`,
        observations,
      };
    },
  };
}
