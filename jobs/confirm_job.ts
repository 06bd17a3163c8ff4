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
      await chain.settle({ signal });
      const refreshedCount = await recorder.refreshAnchors({ signal });
      return { summary: `${refreshedCount} anchors moved on` };
    },
  };
}
