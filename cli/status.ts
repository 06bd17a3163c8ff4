import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import { anchorJson, anchorLines } from "./anchor.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

/** `pot status`. */
export function statusCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("How many records there are, in which state, and the newest anchor. Asks nobody.")
    .example("Look", "pot status")
    .example("For a program", "pot status --json")
    .action(async (options: GlobalOptions) => {
      await withRuntime(context, options, async ({ recorder, config }) => {
        const { origin, recordCount, records, runs, anchors } = await recorder.status();
        const newest = anchors.at(-1);
        const states = Object.entries(records).filter(([, count]) => count > 0).map(([state, count]) =>
          `${count} ${state}`
        );
        report(context, options, {
          json: { origin, home: config.home, recordCount, records, runs, anchors: anchors.map(anchorJson) },
          lines: [
            `log ${origin} in ${config.home}`,
            `  records   ${recordCount}${states.length === 0 ? "" : ` (${states.join(", ")})`}`,
            `  runs      ${
              runs.length === 0
                ? "none"
                : runs.map(({ runId, recordCount: count }) => `${runId} (${count})`).join(", ")
            }`,
            `  anchors   ${anchors.length}`,
            ...(newest === undefined ? [] : ["newest anchor", ...anchorLines(newest)]),
          ],
          next: records.pending > 0
            ? ["pot anchor"]
            : recordCount === 0
            ? ["pot record checkpoint <file> --run <name> --step <n>"]
            : [],
        });
      });
    });
}
