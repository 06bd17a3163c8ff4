import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

interface CheckOptions extends GlobalOptions {
  network?: string;
}

/** `pot contract check`. */
export function contractCheckCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Whether the configured contract is ours: code, owner, paused. Exit code 1 when it is not.")
    .arguments("[address:string]")
    .option("--network <name:string>", "The chain's preset. [default: the configured one]")
    .example("Check", "pot contract check")
    .action(async (options: CheckOptions, address?: string) => {
      const { network } = options;
      const config = await loadConfig(context, options, {
        chain: "evm",
        ...(network === undefined ? {} : { network }),
        ...(address === undefined ? {} : { contract: address }),
      });
      const { inspectContract } = await import("../lib/runtime/inspect_contract.ts");
      const { contract, chainId, ...found } = await inspectContract(config, { signal: context.signal });
      const { hasCode, isKnownCode, codeHash, owner, isPaused, recordCount } = found;
      if (!isKnownCode) context.exitWith(1);
      report(context, options, {
        json: { contract, chainId, ...found },
        lines: [
          !hasCode
            ? `there is no contract at ${contract} on chain ${chainId}`
            : isKnownCode
            ? `${contract} on chain ${chainId} is a ProofOfTraining contract of this version`
            : `${contract} on chain ${chainId} is another contract`,
          ...(codeHash === undefined ? [] : [`  code hash ${codeHash}`]),
          ...(owner === undefined ? [] : [`  owner     ${owner}`]),
          ...(isPaused === undefined ? [] : [`  paused    ${isPaused ? "yes: writes are refused" : "no"}`]),
          ...(recordCount === undefined ? [] : [`  stored    ${recordCount} hashes`]),
        ],
      });
    });
}
