import { Command } from "@cliffy/command";
import { toHex } from "../lib/core/hex.ts";
import type { Anchor } from "../lib/recorder/anchor_line.ts";
import type { Recorder } from "../lib/recorder/recorder.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { startProgress } from "./progress.ts";
import { whileWaiting } from "./while_waiting.ts";
import { withRuntime } from "./with_runtime.ts";

/** `pot anchor`. */
export function anchorCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Anchor everything that is pending, in one transaction; also ask about earlier anchors.")
    .example("Anchor what waits", "pot anchor")
    .action(async (options: GlobalOptions) => {
      await withRuntime(context, options, async ({ recorder, config }) => {
        const { signal } = context;
        const label = "waiting for the chain";
        const refreshed = await whileWaiting(context, { label }, () => recorder.refreshAnchors({ signal }));
        const { recordCount, storedCount, anchor } = config.anchoring === "each"
          ? await storeAndAnchor(context, recorder)
          : await whileWaiting(context, { label }, () => recorder.anchorPending({ signal }));
        const lines = anchor === undefined ? ["the log is empty: nothing to anchor"] : recordCount === 0
          ? [
            `nothing is pending: the newest anchor covers ${
              count(anchor.size, "record")
            } and is ${anchor.facts.state}`,
          ]
          : [
            `anchored ${count(recordCount, "record")}`,
            ...anchorLines(anchor),
            ...(config.chain === "evm" && anchor.facts.kind === "local"
              ? [
                "no endpoint answered, so the local ledger has them: the next pot anchor takes them to the chain",
              ]
              : []),
          ];
        report(context, options, {
          json: { recordCount, storedCount, refreshedCount: refreshed, anchor: anchor && anchorJson(anchor) },
          lines: storedCount === 0 ? lines : [...lines, `stored ${count(storedCount, "record")} one by one`],
          next: [
            "pot runs",
            "pot prove <id>",
            ...(config.chain === "local"
              ? [
                "to anchor on a chain instead of this disk: set RPC_URL, CHAIN_ID and PRIVATE_KEY, then pot contract deploy",
              ]
              : []),
          ],
        });
      });
    });
}

async function storeAndAnchor(context: CliContext, recorder: Pick<Recorder, "anchorPending">) {
  using progress = startProgress(context, { label: "storing" });
  return await recorder.anchorPending({
    signal: context.signal,
    onStored: (done, total) => progress.update(done, total, "records"),
  });
}

/** An anchor as `--json` shows it: of a captured receipt only that it is there. */
export function anchorJson({ size, root, facts }: Anchor): unknown {
  const shown = { size, root: toHex(root), ...facts };
  if (facts.kind === "local" || facts.inclusion?.receiptProof === undefined) return shown;
  const { receiptProof } = facts.inclusion;
  const receipt = typeof receiptProof === "object" ? "captured" : receiptProof;
  return { ...shown, inclusion: { ...facts.inclusion, receiptProof: receipt } };
}

/** An anchor as a person reads it. */
export function anchorLines({ size, root, facts }: Anchor): readonly string[] {
  const head = [`  state     ${facts.state}`, `  size      ${size}`, `  root      ${toHex(root)}`];
  if (facts.kind === "local") {
    return [...head, `  ledger    line ${facts.blockNumber} (local: no chain has it)`];
  }
  const chain = [...head, `  chain     ${facts.chainId}, contract ${facts.contract}`];
  const { inclusion } = facts;
  if (inclusion === undefined) return chain;
  return [
    ...chain,
    `  tx        ${inclusion.transactionHash}`,
    `  block     ${inclusion.blockNumber} of ${new Date(inclusion.blockTime * 1_000).toISOString()}`,
    `  gas       ${inclusion.gasUsed}`,
    ...(inclusion.receiptProof === undefined ? [] : [
      `  receipt   ${
        inclusion.receiptProof === "unavailable" ? "proof unavailable on this chain" : "captured"
      }`,
    ]),
  ];
}
