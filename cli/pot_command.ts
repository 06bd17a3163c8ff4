import { Command } from "@cliffy/command";
import config from "../deno.json" with { type: "json" };
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { COMMANDS } from "./commands.ts";

/**
 * The command tree for one command line: only the command that it names, or all of them where it names none.
 * Commands keep state while they parse, so each parse needs a new tree.
 */
export async function potCommand(context: CliContext, args: readonly string[] = []): Promise<AnyCommand> {
  const root: AnyCommand = new Command()
    .name("pot")
    .version(config.version)
    .description("Tamper-evident evidence of how a machine-learning model was trained.")
    .throwErrors()
    .noExit()
    .globalOption("--json", "Print one JSON document on standard output.")
    .globalOption(
      "--config <file:string>",
      "Use this configuration file. [default: the nearest pot.jsonc upward]",
    )
    .globalOption("--home <folder:string>", "Keep state here. [default: .pot beside pot.jsonc]")
    .example("Start", "pot init")
    .example("Record, anchor, prove", "pot record checkpoint model.safetensors --run run-1 --step 500")
    .action(function () {
      this.showHelp();
    });
  const word = args.find((arg) => !arg.startsWith("-")) ?? "";
  const names = Object.hasOwn(COMMANDS, word) ? [word] : Object.keys(COMMANDS);
  const commands = await Promise.all(names.map((name) => COMMANDS[name]!(context)));
  for (const [i, name] of names.entries()) root.command(name, commands[i]!).reset();
  return root;
}
