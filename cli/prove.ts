import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { Proof } from "../lib/verify/proof.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { pathFrom } from "./path_from.ts";
import { proofAnchorJson, proofAnchorLine } from "./proof_anchor_lines.ts";
import { withRuntime } from "./with_runtime.ts";
import { writeProofFile } from "./write_proof_file.ts";

interface ProveOptions extends GlobalOptions {
  output?: string;
  run?: string;
  fromBatch?: string;
}

/** `pot prove`. */
export function proveCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Write the proof of one record, or of all of a run: a file that anybody can check without us.",
    )
    .arguments("[id:string]")
    .option(
      "-o, --output <file:string>",
      "Where to write it. [default: <id's first 16>.pot-proof.json, or <run>.pot-proofs.json]",
    )
    .option("--run <id:string>", "Prove all records of that run in one file, a batch.")
    .option("--from-batch <file:string>", "Take the record's proof out of a batch. No log is needed.", {
      conflicts: ["run"],
    })
    .example("Prove a record", `pot prove ${"ab".repeat(32)} --output step-500.pot-proof.json`)
    .example("Prove a run", "pot prove --run run-1")
    .example("One record of a batch", `pot prove ${"ab".repeat(32)} --from-batch run-1.pot-proofs.json`)
    .action(async (options: ProveOptions, id?: string) => {
      const { run } = options;
      if ((id === undefined) === (run === undefined)) {
        throw new UsageError("Cannot prove anything as it takes either a record's id or --run", {
          hint: "pot prove <id>, or pot prove --run <id>",
        });
      }
      if (run !== undefined) return await proveRun(context, options, run);
      if (!/^[0-9a-f]{64}$/.test(id!)) {
        throw new UsageError("Cannot prove the record as its id must be 64 lowercase hex characters", {
          facts: [`id: ${JSON.stringify(id!.slice(0, 80))}`],
          hint: "pot record prints ids; pot runs <run> lists them",
        });
      }
      await proveRecord(context, options, id!);
    });
}

async function proveRecord(context: CliContext, options: ProveOptions, id: string): Promise<void> {
  const proof = options.fromBatch === undefined
    ? await withRuntime(context, options, ({ recorder }) => recorder.prove(id))
    : await takeFromBatch(pathFrom(context.folder, options.fromBatch), id);
  const shown = options.output ?? `${id.slice(0, 16)}.pot-proof.json`;
  const file = resolve(context.folder, shown);
  const { formatProof } = await import("../lib/verify/format_proof.ts");
  await writeProofFile(file, formatProof(proof));
  const states = proof.anchors.map(({ state }) => state);
  const anchors = proof.anchors.map(proofAnchorJson);
  report(context, options, {
    json: { id, index: proof.index, file, states, anchors },
    lines: [
      `wrote ${shown}`,
      `  record    ${proof.index}`,
      ...proof.anchors.map((anchor) => `  anchor    ${proofAnchorLine(anchor)}`),
    ],
    next: [
      `pot verify ${shown}`,
      `pot verify ${shown} --artifact <file>`,
      ...(states.includes("final") ? [] : [`pot upgrade ${shown}   # once its anchor is final`]),
    ],
  });
}

async function takeFromBatch(file: string, id: string): Promise<Proof> {
  const [{ readBatchProofFile }, { extractProof }] = await Promise.all([
    import("../lib/runtime/read_proof_file.ts"),
    import("../lib/verify/extract_proof.ts"),
  ]);
  return extractProof(await readBatchProofFile(file), id);
}

async function proveRun(context: CliContext, options: ProveOptions, runId: string): Promise<void> {
  const batch = await withRuntime(context, options, ({ recorder }) => recorder.proveRun(runId));
  const shown = options.output ?? `${runId}.pot-proofs.json`;
  const file = resolve(context.folder, shown);
  const { formatBatchProof } = await import("../lib/verify/format_batch_proof.ts");
  const text = await formatBatchProof(batch);
  await writeProofFile(file, text);
  const [first, last] = [batch.records[0]!.index, batch.records.at(-1)!.index];
  const states = batch.anchors.map(({ state }) => state);
  report(context, options, {
    json: {
      runId,
      recordCount: batch.records.length,
      firstIndex: first,
      lastIndex: last,
      file,
      states,
      anchors: batch.anchors.map(proofAnchorJson),
    },
    lines: [
      `wrote ${shown}`,
      `  run       ${runId}`,
      `  records   ${count(batch.records.length, "record")}, ${first} to ${last}`,
      ...batch.anchors.map((anchor) => `  anchor    ${proofAnchorLine(anchor)}`),
    ],
    next: [
      `pot verify ${shown}`,
      `pot verify ${shown} --artifact <file>`,
      ...(states.at(-1) === "final" ? [] : [`pot upgrade ${shown}   # once its anchor is final`]),
    ],
  });
}
