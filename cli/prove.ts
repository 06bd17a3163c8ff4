import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { Proof } from "../lib/verify/proof.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { withRuntime } from "./with_runtime.ts";

interface ProveOptions extends GlobalOptions {
  output?: string;
}

/** `pot prove`. */
export function proveCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Write the proof of one record: a file that anybody can check without us.")
    .arguments("<id:string>")
    .option("-o, --output <file:string>", "Where to write it. [default: <id's first 16>.pot-proof.json]")
    .example("Prove a record", `pot prove ${"ab".repeat(32)} --output step-500.pot-proof.json`)
    .action(async (options: ProveOptions, id: string) => {
      if (!/^[0-9a-f]{64}$/.test(id)) {
        throw new UsageError("Cannot prove the record as its id must be 64 lowercase hex characters", {
          facts: [`id: ${JSON.stringify(id.slice(0, 80))}`],
          hint: "pot record prints ids; pot runs <run> lists them",
        });
      }
      await withRuntime(context, options, async ({ recorder }) => {
        const proof = await recorder.prove(id);
        const shown = options.output ?? `${id.slice(0, 16)}.pot-proof.json`;
        const file = resolve(context.folder, shown);
        await writeProofFile(file, proof);
        const states = proof.anchors.map(({ state }) => state);
        report(context, options, {
          json: { id, index: proof.index, file, states },
          lines: [`wrote ${shown}`, `  record    ${proof.index}`, `  anchors   ${states.join(", ")}`],
          next: [`pot verify ${shown}`, `pot verify ${shown} --artifact <file>`],
        });
      });
    });
}

async function writeProofFile(file: string, proof: Proof): Promise<void> {
  const [{ formatProof }, { writeFileAtomically }, { denoFiles }] = await Promise.all([
    import("../lib/verify/format_proof.ts"),
    import("../lib/io/atomic_write.ts"),
    import("../lib/io/deno_files.ts"),
  ]);
  try {
    await writeFileAtomically(denoFiles, file, new TextEncoder().encode(formatProof(proof)));
  } catch (cause) {
    throw new UsageError("Cannot write the proof there", {
      facts: [`file: ${file}`, `reason: ${cause instanceof Error ? cause.message : cause}`],
      hint: "give --output a file in a folder that exists and may be written to",
      cause,
    });
  }
}
