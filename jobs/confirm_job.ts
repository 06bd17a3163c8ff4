import type { ChainClient } from "../lib/chain/chain_client.ts";
import { WritesPausedError } from "../lib/chain/write_pause.ts";
import { isHeldElsewhere } from "../lib/io/lock_held_error.ts";
import type { Recorder } from "../lib/recorder/recorder.ts";
import type { UpgradedFolder } from "../lib/runtime/upgrade_proof_folder.ts";
import type { Job } from "./job.ts";

/** What the job works with. */
export interface ConfirmJobDeps {
  readonly chain: Pick<ChainClient, "settle">;
  readonly recorder: Pick<Recorder, "refreshAnchors">;
  /** Brings proof files that were handed out up to what the log knows. @default there are none */
  readonly upgradeProofs?: (options: { readonly signal: AbortSignal }) => Promise<UpgradedFolder>;
}

/**
 * Follows what was sent until it is final: reorganisations, stuck transactions, and of each anchor the receipt and block header that
 * proofs hold, captured while nodes still have them. Then proof files get what is new.
 */
export function confirmJob({ chain, recorder, upgradeProofs }: ConfirmJobDeps): Job {
  return {
    name: "confirm",
    schedule: "* * * * *",
    timeoutMs: 120_000,
    async run(signal) {
      const [settling] = await Promise.allSettled([chain.settle({ signal })]);
      // What is on the chain moves on although nothing may be sent, as while writes are paused.
      const refreshedCount = await recorder.refreshAnchors({ signal });
      const proofs = upgradeProofs === undefined ? "" : `, ${proofsLine(await upgradeProofs({ signal }))}`;
      const moved = `${refreshedCount} anchors moved on${proofs}`;
      if (settling.status === "fulfilled") return { summary: moved };
      const { reason } = settling;
      if (reason instanceof WritesPausedError) {
        return {
          summary: `${moved}; what waits is not sent again as writes are paused (${reason.note.reason})`,
        };
      }
      if (!isHeldElsewhere(reason)) throw reason;
      // It looks at the chain itself, and this job comes again in a minute.
      return { summary: `${moved}; what waits is left to another process that sends with the key` };
    },
  };
}

/** A file that is no proof is somebody's slip, told of and no failure of the job. */
function proofsLine({ upgradedCount, failures }: UpgradedFolder): string {
  const [first] = failures;
  const failed = first === undefined ? "" : `, ${failures.length} left alone (${first})`;
  return `${upgradedCount} proof files brought up to date${failed}`;
}
