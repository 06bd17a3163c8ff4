import { resolve } from "node:path";
import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import { formatTlogProof } from "../lib/verify/tlog_proof.ts";
import { tlogProofOf } from "../lib/verify/tlog_proof_of.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { readProofFile } from "../lib/runtime/read_proof_file.ts";
import { writeProofFile } from "./write_proof_file.ts";

interface ExportOptions extends GlobalOptions {
  output?: string;
  size?: string;
  withRecord?: boolean | undefined;
}

/** `pot export tlog-proof`. */
export function exportTlogProofCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Write a proof file as a C2SP tlog-proof, for the tools of other transparency logs: index, path and checkpoint with its cosignatures. Anchors stay behind.",
    )
    .arguments("<proof:string>")
    .option("-o, --output <file:string>", "Where to write it. [default: standard output]")
    .option(
      "--size <n:string>",
      "Of several anchors, that over this size. [default: the one with most signatures]",
    )
    .option("--with-record", "Send the record along as extra data: whoever has the file can read it.")
    .example("To a file", "pot export tlog-proof step-500.pot-proof.json --output step-500.tlog-proof")
    .action(async (options: ExportOptions, path: string) => {
      const size = parseSize(options.size);
      const proof = await readProofFile(resolve(context.folder, path));
      const exported = tlogProofOf(proof, {
        ...(size === undefined ? {} : { size }),
        hasRecord: options.withRecord === true,
      });
      const text = formatTlogProof(exported);
      const { index, size: covered, signers } = exported;
      if (options.output === undefined) {
        if (options.json !== true) return context.out(text);
        return report(context, options, {
          json: { index, size: covered, signers, tlogProof: text },
          lines: [],
        });
      }
      const file = resolve(context.folder, options.output);
      await writeProofFile(file, text);
      report(context, options, {
        json: { file, index, size: covered, signers },
        lines: [
          `wrote ${options.output}`,
          `  record    ${index} of ${covered}`,
          `  signed    by ${signers.join(", ")}`,
        ],
      });
    });
}

function parseSize(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,18}$/.test(text)) return BigInt(text);
  throw new UsageError("Cannot export the proof as --size must be a whole number from 1", {
    facts: [`--size: ${JSON.stringify(text.slice(0, 80))}`],
    hint: "pot verify <proof> --json lists the sizes of its anchors",
  });
}
