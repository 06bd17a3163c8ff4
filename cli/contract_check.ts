import { Command } from "@cliffy/command";
import type { InspectedContract } from "../lib/runtime/inspect_contract.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { parseAddress } from "./parse_address.ts";

interface CheckOptions extends GlobalOptions {
  network?: string;
}

/** `pot contract check`. */
export function contractCheckCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Whether the configured contract is ours: code, no proxy, deployment file; and who owns it. Exit code 1 when it is not.",
    )
    .arguments("[address:string]")
    .option("--network <name:string>", "The chain's preset. [default: the configured one]")
    .example("Check", "pot contract check")
    .action(async (options: CheckOptions, address?: string) => {
      const { network } = options;
      const contract = address === undefined ? undefined : await parseAddress(address, "the address");
      const config = await loadConfig(context, options, {
        chain: "evm",
        ...(network === undefined ? {} : { network }),
        ...(contract === undefined ? {} : { contract }),
      });
      const { inspectContract } = await import("../lib/runtime/inspect_contract.ts");
      const found = await inspectContract(config, { signal: context.signal });
      if (!found.ok) context.exitWith(1);
      report(context, options, {
        json: found,
        lines: checkLines(found),
        next: found.successor !== undefined && !isNone(found.successor)
          ? [`set CONTRACT_ADDRESS to ${found.successor}; until then writes follow the link`]
          : [],
      });
    });
}

function checkLines(found: InspectedContract): readonly string[] {
  const { contract, chainId, hasCode, isKnownCode, isReleasedCode, codeHash, owner, recordCount } = found;
  const { pendingOwner, isPaused, successor, predecessor } = found;
  const address = (name: string, value: string | undefined, none: readonly string[] = []) =>
    value === undefined || isNone(value) ? none : [`  ${name.padEnd(9)} ${value}`];
  return [
    !hasCode
      ? `there is no contract at ${contract} on chain ${chainId}`
      : isKnownCode
      ? `${contract} on chain ${chainId} is a ProofOfTraining contract of this version`
      : isReleasedCode
      ? `${contract} on chain ${chainId} is a ProofOfTraining contract of an earlier release`
      : `${contract} on chain ${chainId} is another contract`,
    ...(codeHash === undefined ? [] : [`  code hash ${codeHash}`]),
    ...address("owner", owner, owner === undefined ? [] : ["  owner     nobody"]),
    ...address("offered", pendingOwner),
    ...(isPaused === undefined ? [] : [`  paused    ${isPaused ? retiredOrPaused(successor) : "no"}`]),
    ...address("successor", successor),
    ...address("follows", predecessor),
    ...(recordCount === undefined ? [] : [`  stored    ${recordCount} hashes`]),
    ...found.problems.map((problem) => `  problem   ${problem}`),
  ];
}

function retiredOrPaused(successor: string | undefined): string {
  return successor === undefined || isNone(successor)
    ? "yes: writes are refused"
    : "for good: it was retired, and what is stored stays readable";
}

function isNone(address: string): boolean {
  return /^0x0+$/.test(address);
}
