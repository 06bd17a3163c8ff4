import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";

interface InitOptions extends GlobalOptions {
  origin?: string;
  network?: string;
  local?: boolean | undefined;
}

/** `pot init`. */
export function initCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Start an installation here: pot.jsonc and the key that signs the log.")
    .option("--origin <name:string>", "The log's name. [default: pot/<random>]")
    .option("--network <name:string>", "The chain's preset, such as polygon or sepolia.", {
      conflicts: ["local"],
    })
    .option("--local", "Use the local ledger instead of a chain.")
    .example("Start", "pot init")
    .example("For a network", "pot init --network polygon-amoy")
    .action(async (options: InitOptions) => {
      if (options.config !== undefined) {
        throw new UsageError(
          "Cannot use --config with init as pot.jsonc is written into the working folder",
          {
            hint: "change to the folder, then: pot init",
          },
        );
      }
      const { network } = options;
      // As every later command will see them.
      const origin = options.origin ?? (context.env["POT_ORIGIN"] || undefined);
      const home = options.home ?? (context.env["POT_HOME"] || undefined);
      if (network !== undefined) (await import("../lib/chain/networks.ts")).findNetwork(network);
      if (origin !== undefined) await checkOrigin(origin);
      const { initialize } = await import("../lib/runtime/initialize.ts");
      const made = await initialize({
        folder: context.folder,
        ...(home === undefined ? {} : { home: resolve(context.folder, home) }),
        ...(origin === undefined ? {} : { origin }),
        ...(network === undefined ? {} : { network, chain: "evm" as const }),
        ...(options.local === true ? { chain: "local" as const } : {}),
      });
      report(context, options, {
        json: made,
        lines: [
          `wrote ${made.configFile}`,
          `  origin    ${made.origin}`,
          `  log key   ${made.home}/log.key (secret: back it up; whoever has it can sign for this log)`,
          `  public    ${made.verifierKey}`,
        ],
        next: ["pot record checkpoint <file> --run <name> --step <n>", "pot anchor"],
      });
    });
}

async function checkOrigin(origin: string): Promise<void> {
  const { SETTINGS } = await import("../lib/runtime/settings.ts");
  if (SETTINGS.origin.parse(origin) !== undefined) return;
  throw new UsageError(`Cannot use the origin as it must be ${SETTINGS.origin.expected}`, {
    facts: [`origin: ${JSON.stringify(origin.slice(0, 80))}`],
    hint: "leave --origin out for a random one",
  });
}
