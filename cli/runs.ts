import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { toHex } from "../lib/core/hex.ts";
import { leafHash } from "../lib/core/merkle/leaf_hash.ts";
import { parseRecord } from "../lib/core/parse_record.ts";
import { createRunOrderCheck, type RunFinding } from "../lib/core/run_order.ts";
import type { Log } from "../lib/log/log.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

/** `pot runs`. */
export function runsCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "List the runs, or the records of one run with their ids, checked for gaps, forks and order.",
    )
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
        const { records, findings } = await readRun(log, runId);
        const isUnbroken = findings.every(({ severity }) => severity === "warning");
        report(context, options, {
          json: { runId, records, isUnbroken, findings },
          lines: [...records.map(recordLine), ...findings.map(findingLine)],
          next: ["pot prove <id>"],
        });
        if (!isUnbroken) context.exitWith(1);
      });
    });
}

/** What is shown of one record. */
type ShownRecord = Awaited<ReturnType<typeof readRun>>["records"][number];

/** One by one: of a long run only what is shown stays in memory, never all the records' bytes. */
async function readRun(log: Log, runId: string) {
  const indices = await log.runIndices(runId);
  if (indices.length === 0) {
    throw new UsageError("Cannot show the run as the log has no record of it", {
      facts: [`run: ${runId}`],
      hint: "list runs with: pot runs",
    });
  }
  const check = createRunOrderCheck({
    runId,
    async findRecord(id) {
      const index = await log.find(id);
      const bytes = index === undefined ? undefined : await log.entry(index);
      return bytes === undefined ? undefined : { index: index!, runId: parseRecord(bytes).runId };
    },
  });
  const records = [];
  const findings: RunFinding[] = [];
  for (const index of indices) {
    const bytes = (await log.entry(index))!;
    const record = parseRecord(bytes);
    const { kind, step, epoch, metrics, previous, recordedAt, occurredAt } = record;
    const id = toHex(leafHash(bytes));
    records.push({ index, id, previous, kind, step, epoch, metrics, recordedAt, occurredAt });
    findings.push(...await check.add({ ...record, index, id }));
  }
  return { records, findings };
}

function recordLine({ index, id, previous, kind, step, metrics }: ShownRecord): string {
  const shown = Object.entries(metrics ?? {}).map(([name, value]) => `${name}=${value}`).join(" ");
  const after = previous === undefined ? "first".padEnd(14) : `← ${previous.slice(0, 12)}`;
  return `${String(index).padStart(6)}  ${id}  ${after}  ${kind.padEnd(10)} ${
    step === undefined ? "" : `step ${step} `
  }${shown}`;
}

function findingLine({ kind, severity, index, detail }: RunFinding): string {
  return `${severity === "broken" ? "BROKEN" : "warning"} ${kind} at record ${index}: ${detail}`;
}
