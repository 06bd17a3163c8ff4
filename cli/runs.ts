import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { toHex } from "../lib/core/hex.ts";
import { leafHash } from "../lib/core/merkle/leaf_hash.ts";
import { parseRecord } from "../lib/core/parse_record.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "./count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

/** `pot runs`. */
export function runsCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("List the runs, or the records of one run with their ids.")
    .arguments("[run:string]")
    .example("All runs", "pot runs")
    .example("One run", "pot runs run-1")
    .action(async (options: GlobalOptions, runId?: string) => {
      await withRuntime(context, options, async ({ log }) => {
        if (runId === undefined) {
          const runs = await log.runs();
          const lines = runs.map((run) =>
            `${run.runId}  ${count(run.recordCount, "record")} (${run.firstIndex} to ${run.lastIndex})`
          );
          report(context, options, { json: { runs }, lines: lines.length === 0 ? ["no runs yet"] : lines });
          return;
        }
        const indices = await log.runIndices(runId);
        if (indices.length === 0) {
          throw new UsageError("Cannot show the run as the log has no record of it", {
            facts: [`run: ${runId}`],
            hint: "list runs with: pot runs",
          });
        }
        const records = [];
        // One by one: of a long run only what is shown stays in memory, never all the records' bytes.
        for (const index of indices) {
          const bytes = (await log.entry(index))!;
          const { kind, step, epoch, metrics, recordedAt } = parseRecord(bytes);
          records.push({ index, id: toHex(leafHash(bytes)), kind, step, epoch, metrics, recordedAt });
        }
        const lines = records.map(({ index, id, kind, step, metrics }) => {
          const shown = Object.entries(metrics ?? {}).map(([name, value]) => `${name}=${value}`).join(" ");
          return `${String(index).padStart(6)}  ${id}  ${kind.padEnd(10)} ${
            step === undefined ? "" : `step ${step} `
          }${shown}`;
        });
        report(context, options, { json: { runId, records }, lines, next: ["pot prove <id>"] });
      });
    });
}
