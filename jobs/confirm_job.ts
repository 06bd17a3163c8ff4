import type { ChainClient } from "../lib/chain/chain_client.ts";
import type { Recorder } from "../lib/recorder/recorder.ts";
import type { Job } from "./job.ts";

/** Follows what was sent until it is final: reorganisations, stuck transactions, receipts of anchors. */
export function confirmJob(
  chain: Pick<ChainClient, "settle">,
  recorder: Pick<Recorder, "refreshAnchors">,
): Job {
  return {
    name: "confirm",
    schedule: "* * * * *",
    timeoutMs: 120_000,
    async run(signal) {
      const settling = await Promise.allSettled([chain.settle({ signal })]);
      // What is on the chain moves on although nothing may be sent, as while writes are paused.
      const refreshedCount = await recorder.refreshAnchors({ signal });
      for (const result of settling) if (result.status === "rejected") throw result.reason;
      return { summary: `${refreshedCount} anchors moved on` };
    },
  };
}
