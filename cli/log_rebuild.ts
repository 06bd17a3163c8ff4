import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { RebuildReport } from "../lib/recorder/rebuild_report.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { startProgress } from "./progress.ts";

interface RebuildCommandOptions extends GlobalOptions {
  fromContract?: boolean | undefined;
  submitter?: string[];
  block?: string;
  fromBlock?: string;
  out?: string;
}

/** `pot log rebuild`. */
export function logRebuildCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Give a lost disk back what the contract holds: anchors, stored hashes, their transactions. Goes on where it was interrupted.",
    )
    .option(
      "--from-contract",
      "Read it from the configured contract. The only source there is, and to be named.",
    )
    .option("--submitter <address:string>", "Only what this account submitted. May be given again.", {
      collect: true,
    })
    .option("--block <number:string>", "Read as of this final block. [default: the newest final one]")
    .option(
      "--from-block <number:string>",
      "Where the contract was deployed. [default: deployments/, else found]",
    )
    .option("--out <folder:string>", "Write here instead of into the home folder.")
    .example("After a disk was lost", "pot log rebuild --from-contract")
    .example("To look first", "pot log rebuild --from-contract --out recovered")
    .action(async (options: RebuildCommandOptions) => {
      if (options.fromContract !== true) {
        throw new UsageError("Cannot rebuild as no source is named", {
          hint: "read from the contract with: pot log rebuild --from-contract",
        });
      }
      const config = await loadConfig(context, options);
      const block = parseBlock("--block", options.block);
      const fromBlock = parseBlock("--from-block", options.fromBlock);
      const submitters = await parseAddresses(options.submitter);
      const { rebuildHome } = await import("../lib/runtime/rebuild_home.ts");
      using progress = startProgress(context, { label: "reading" });
      const rebuilt = await rebuildHome(config, {
        signal: context.signal,
        ...(options.out === undefined ? {} : { folder: resolve(context.folder, options.out) }),
        ...(block === undefined ? {} : { block }),
        ...(fromBlock === undefined ? {} : { fromBlock }),
        ...(submitters === undefined ? {} : { submitters }),
        onProgress: ({ what, done, total }) => progress.update(done, total, what),
      });
      progress[Symbol.dispose]();
      report(context, options, {
        json: { ...rebuilt, isComplete: isComplete(rebuilt) },
        lines: linesOf(rebuilt),
        next: ["pot log audit", "pot runs", "pot prove <id>"],
      });
      if (!isComplete(rebuilt)) context.exitWith(1);
    });
}

/** Everything that was read agrees with itself and, where there is one, with the log. */
function isComplete({ findingCounts }: RebuildReport): boolean {
  return findingCounts.mismatch === 0;
}

function linesOf(rebuilt: RebuildReport): readonly string[] {
  const { chainId, block, contracts, files, findings, findingCounts, notRestored } = rebuilt;
  const unlisted = findingCounts.mismatch + findingCounts.note - findings.length;
  return [
    `read ${chainId} at block ${block.number} of ${new Date(block.timestamp * 1_000).toISOString()}`,
    ...contracts.flatMap(({ contract, submitters }) => [
      `contract ${contract}`,
      ...submitters.map(({ submitter, hashCount, anchorCount }) =>
        `  ${submitter}  ${hashCount} stored, ${count(anchorCount, "anchor")}`
      ),
    ]),
    ...files.map(({ path, what, count }) => `wrote ${path} (${what}: ${count})`),
    ...findings.map(({ severity, subject, detail }) =>
      `${severity === "mismatch" ? "MISMATCH" : "note"} ${subject}: ${detail}`
    ),
    ...(unlisted > 0 ? [`… and ${unlisted} more`] : []),
    "what no chain can give back:",
    ...notRestored.map((line) => `  ${line}`),
  ];
}

function parseBlock(name: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (/^(?:0|[1-9][0-9]{0,17})$/.test(text)) return BigInt(text);
  throw new UsageError(`Cannot rebuild as ${name} is no block number`, {
    facts: [`given: ${JSON.stringify(text.slice(0, 80))}`],
    hint: "give it in decimal, such as 65000000",
  });
}

async function parseAddresses(texts: readonly string[] | undefined): Promise<`0x${string}`[] | undefined> {
  if (texts === undefined || texts.length === 0) return undefined;
  const { getAddress, isAddress } = await import("viem/utils");
  return texts.map((text) => {
    if (isAddress(text)) return getAddress(text);
    throw new UsageError("Cannot rebuild as --submitter is no address", {
      facts: [`given: ${JSON.stringify(text.slice(0, 80))}`],
      hint: "give 0x and 40 hex characters, lowercase or with the right EIP-55 capitals",
    });
  });
}
