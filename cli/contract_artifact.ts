import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { writeFileAtomically } from "../lib/io/atomic_write.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";

interface ArtifactOptions extends GlobalOptions {
  output?: string;
}

/** `pot contract artifact`. */
export function contractArtifactCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Write the contract as an artifact file that Hardhat and Foundry read: ABI, code and the compiler's input.",
    )
    .option("-o, --output <file:string>", "Where to write it. [default: standard output]")
    .example("To a file", "pot contract artifact --output ProofOfTraining.json")
    .action(async (options: ArtifactOptions) => {
      const { formatContractArtifact } = await import("../lib/chain/format_contract_artifact.ts");
      const text = formatContractArtifact();
      if (options.output === undefined) return context.out(text);
      const file = resolve(context.folder, options.output);
      await writeArtifact(file, text);
      const { contractName, solcLongVersion } = JSON.parse(text);
      report(context, options, {
        json: { file, contractName, solcLongVersion },
        lines: [
          `wrote ${options.output}`,
          `  contract  ${contractName}`,
          `  compiler  solc ${solcLongVersion}`,
        ],
      });
    });
}

async function writeArtifact(file: string, text: string): Promise<void> {
  try {
    await writeFileAtomically(denoFiles, file, new TextEncoder().encode(text));
  } catch (cause) {
    throw new UsageError("Cannot write the artifact there", {
      facts: [`file: ${file}`, `reason: ${cause instanceof Error ? cause.message : cause}`],
      hint: "give --output a file in a folder that exists and may be written to",
      cause,
    });
  }
}
