import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { DeployResult } from "../lib/chain/deploy_contract.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

interface DeployOptions extends GlobalOptions {
  network?: string;
  owner?: string;
  force?: boolean | undefined;
}

/** `pot contract deploy`. */
export function contractDeployCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Deploy the contract to the configured chain, once; writes deployments/<chainId>.json.")
    .option(
      "--network <name:string>",
      "The chain's preset, such as polygon or sepolia. [default: the configured one]",
    )
    .option("--owner <address:string>", "Who may pause and hand over. [default: the deploying account]")
    .option("--force", "Deploy once more although a contract is there.")
    .example("Deploy", "pot contract deploy --network sepolia")
    .action(async (options: DeployOptions) => {
      const { network, owner, force } = options;
      if (owner !== undefined && !/^0x[0-9a-fA-F]{40}$/.test(owner)) {
        throw new UsageError("Cannot deploy as --owner must be 0x and 40 hex characters", {
          facts: [`--owner: ${JSON.stringify(owner.slice(0, 42))}`],
          hint: "leave it out: the deploying account is the owner then",
        });
      }
      const config = await loadConfig(context, options, {
        chain: "evm",
        ...(network === undefined ? {} : { network }),
      });
      const { deploy } = await import("../lib/runtime/deploy.ts");
      const result = await whileWaiting(context, { label: "deploying" }, () =>
        deploy(config, {
          signal: context.signal,
          ...(owner === undefined ? {} : { owner: owner as `0x${string}` }),
          ...(force === true ? { force } : {}),
        }));
      report(context, options, {
        json: result,
        lines: deployLines(result),
        next: ["pot contract check", "pot test --blockchain"],
      });
    });
}

/** What a deployment did, as a person reads it. */
export function deployLines({ deployment, path, isNew, replaced }: DeployResult): readonly string[] {
  const { contractAddress, chainId, transactionHash, blockNumber, gasUsed } = deployment;
  return [
    isNew
      ? `deployed ${contractAddress} on chain ${chainId}`
      : `nothing to do: ${contractAddress} is on chain ${chainId} already (--force deploys another)`,
    `  tx        ${transactionHash}`,
    `  block     ${blockNumber}`,
    `  gas       ${gasUsed}`,
    `  file      ${path}`,
    ...(replaced === undefined ? [] : [
      `  replaced  ${replaced.deployment.contractAddress} (${
        replaced.reason === "gone" ? "no longer on the chain" : "forced"
      }), kept in ${replaced.path}`,
    ]),
  ];
}
