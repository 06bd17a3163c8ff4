import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import type { OwnerAction } from "../lib/chain/owner_actions.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { parseAddress } from "./parse_address.ts";
import { safeFileLines } from "./safe_file_lines.ts";
import { whileWaiting } from "./while_waiting.ts";

interface OwnerOptions extends GlobalOptions {
  network?: string;
  safe?: string;
}

const NETWORK = "The chain's preset. [default: the configured one]";
/** What every action of an owner can be instead. */
export const SAFE_OPTION =
  "Write the action into this file for the Safe that owns the contract, and send nothing.";

/** `pot contract pause`. */
export function contractPauseCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Stop all writes to the contract; reads and proofs go on. Its owner only.")
    .option("--network <name:string>", NETWORK)
    .option("--safe <file:string>", SAFE_OPTION)
    .example("Pause", "pot contract pause")
    .example("By a Safe", "pot contract pause --safe pause.json")
    .action((options: OwnerOptions) => run(context, options, { kind: "pause" }));
}

/** `pot contract unpause`. */
export function contractUnpauseCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Let writes to the contract go on. Its owner only.")
    .option("--network <name:string>", NETWORK)
    .option("--safe <file:string>", SAFE_OPTION)
    .example("Resume", "pot contract unpause")
    .action((options: OwnerOptions) => run(context, options, { kind: "unpause" }));
}

/** `pot contract transfer`. */
export function contractTransferCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Offer the contract to another owner, who has to accept it. Its owner only.")
    .arguments("<address:string>")
    .option("--network <name:string>", NETWORK)
    .option("--safe <file:string>", SAFE_OPTION)
    .example("Offer", "pot contract transfer 0x70997970c51812dc3a010c7d01b50e0d17dc79c8")
    .action(async (options: OwnerOptions, address: string) =>
      await run(context, options, { kind: "transfer", to: await parseAddress(address, "the address") })
    );
}

/** `pot contract accept`. */
export function contractAcceptCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Take over a contract that was offered to this account.")
    .option("--network <name:string>", NETWORK)
    .option("--safe <file:string>", SAFE_OPTION)
    .example("Accept", "pot contract accept")
    .action((options: OwnerOptions) => run(context, options, { kind: "accept" }));
}

/** `pot contract retire`. */
export function contractRetireCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Take the contract out of use for good, in favour of a successor that names it. pot contract migrate does all of it.",
    )
    .arguments("<successor:string>")
    .option("--network <name:string>", NETWORK)
    .option("--safe <file:string>", SAFE_OPTION)
    .example("Retire", "pot contract retire 0x5fbdb2315678afecb367f032d93f642f64180aa3")
    .action(async (options: OwnerOptions, address: string) =>
      await run(context, options, { kind: "retire", successor: await parseAddress(address, "the successor") })
    );
}

async function run(context: CliContext, options: OwnerOptions, action: OwnerAction): Promise<void> {
  const { network, safe } = options;
  const config = await loadConfig(context, options, {
    chain: "evm",
    ...(network === undefined ? {} : { network }),
  });
  const { manageContract, writeOwnerAction } = await import("../lib/runtime/manage_contract.ts");
  const { signal } = context;
  if (safe !== undefined) {
    const file = resolve(context.folder, safe);
    const { contract, chainId, written } = await writeOwnerAction(config, action, { file, signal });
    report(context, options, {
      json: { contract, chainId, action: action.kind, isDone: written === undefined, ...written },
      lines: written === undefined
        ? [`nothing to do: ${done(action, contract)} already`]
        : safeFileLines(written, safe),
    });
    return;
  }
  const { contract, chainId, isNew, mined, state } = await whileWaiting(
    context,
    { label: "waiting for the chain" },
    () => manageContract(config, action, { signal }),
  );
  const { owner, pendingOwner, isPaused, successor } = state;
  report(context, options, {
    json: {
      contract,
      chainId,
      action: action.kind,
      isNew,
      ...(mined === undefined ? {} : { transactionHash: mined.transactionHash, gasUsed: mined.gasUsed }),
      state: { owner, pendingOwner, isPaused, successor },
    },
    lines: [
      isNew ? done(action, contract) : `nothing to do: ${done(action, contract)} already`,
      ...(mined === undefined
        ? []
        : [`  tx        ${mined.transactionHash}`, `  gas       ${mined.gasUsed}`]),
    ],
    next: action.kind === "transfer" ? ["pot contract accept, by the next owner"] : [],
  });
}

function done(action: OwnerAction, contract: string): string {
  switch (action.kind) {
    case "pause":
      return `${contract} is paused`;
    case "unpause":
      return `${contract} takes writes`;
    case "transfer":
      return `${contract} is offered to ${action.to}`;
    case "accept":
      return `${contract} has its new owner`;
    case "retire":
      return `${contract} is retired in favour of ${action.successor}`;
  }
}
