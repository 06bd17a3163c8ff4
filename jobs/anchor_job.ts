import { WritesPausedError } from "../lib/chain/write_pause.ts";
import type { Recorder } from "../lib/recorder/recorder.ts";
import type { Job } from "./job.ts";

/** Anchors the log's head when records wait, and asks the chain about anchors that are not final yet. */
export function anchorJob(recorder: Pick<Recorder, "anchorPending" | "refreshAnchors">): Job {
  return {
    name: "anchor",
    schedule: "*/10 * * * *",
    timeoutMs: 300_000,
    async run(signal) {
      const refreshedCount = await recorder.refreshAnchors({ signal });
      const moved = `${refreshedCount} anchors moved on`;
      try {
        const { recordCount } = await recorder.anchorPending({ signal });
        return { summary: `anchored ${recordCount} records, ${moved}` };
      } catch (error) {
        if (!(error instanceof WritesPausedError)) throw error;
        // Somebody wants it so; that records wait is seen by the health check of their age.
        return { summary: `anchored nothing as writes are paused (${error.note.reason}), ${moved}` };
      }
    },
  };
}
