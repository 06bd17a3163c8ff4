import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";

/** `pot network list`. */
export function networkListCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "List the networks that have a name, with their defaults. Any other EVM chain works by CHAIN_ID.",
    )
    .example("All of them", "pot network list")
    .action(async (options: GlobalOptions) => {
      const { listNetworks } = await import("../lib/chain/networks.ts");
      const networks = listNetworks();
      report(context, options, {
        json: { networks },
        lines: networks.flatMap((network) => {
          const { name, chainId, currency, confirmations, finality, explorer, faucets = [] } = network;
          const kind = network.isTestnet ? "test network" : `try things out on ${network.testNetwork}`;
          return [
            `${name}  chain id ${chainId}, ${currency}, ${kind}`,
            `  confirmed ${confirmations} blocks deep; ${finality}`,
            `  fee caps  ${network.maxFeeGwei} gwei a unit of gas, ${network.maxPriorityFeeGwei} of them as a tip`,
            ...(explorer === undefined ? [] : [`  explorer  ${explorer}`]),
            ...faucets.map((faucet) => `  faucet    ${faucet}`),
          ];
        }),
      });
    });
}
