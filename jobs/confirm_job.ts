import type { ChainClient } from "../lib/chain/chain_client.ts";
import { WritesPausedError } from "../lib/chain/write_pause.ts";
import type { Recorder } from "../lib/recorder/recorder.ts";
import type { Job } from "./job.ts";

/**
 * Follows what was sent until it is final: reorganisations, stuck transactions, and of each anchor the receipt and block header that
 * proofs hold, captured while nodes still have them.
 */
export function confirmJob(
  chain: Pick<ChainClient, "settle">,
  recorder: Pick<Recorder, "refreshAnchors">,
): Job {
  return {
    name: "confirm",
    schedule: "* * * * *",
    timeoutMs: 120_000,
    async run(signal) {
      const [settling] = await Promise.allSettled([chain.settle({ signal })]);
      // What is on the chain moves on although nothing may be sent, as while writes are paused.
      const refreshedCount = await recorder.refreshAnchors({ signal });
      const moved = `${refreshedCount} anchors moved on`;
      if (settling.status === "fulfilled") return { summary: moved };
      const { reason } = settling;
      if (!(reason instanceof WritesPausedError)) throw reason;
      return {
        summary: `${moved}; what waits is not sent again as writes are paused (${reason.note.reason})`,
      };
    },
  };
}
