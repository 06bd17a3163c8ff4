import { Command } from "@cliffy/command";
import config from "../deno.json" with { type: "json" };
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { COMMANDS } from "./commands.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";

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
    .example("1. Start", "pot init")
    .example("2. Record", "pot record checkpoint model.safetensors --run run-1 --step 500")
    .example("3. Anchor", "pot anchor")
    .example("4. Prove", `pot prove ${"ab".repeat(32)} --output step-500.pot-proof.json`)
    .example("5. Verify", "pot verify step-500.pot-proof.json --artifact model.safetensors")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    });
  const word = firstWord(args);
  const isVersion = word === "" && args.some((arg) => arg === "--version" || arg === "-V");
  const names = Object.hasOwn(COMMANDS, word) ? [word] : isVersion ? [] : Object.keys(COMMANDS);
  const commands = await Promise.all(names.map((name) => COMMANDS[name]!(context)));
  for (const [i, name] of names.entries()) root.command(name, commands[i]!).reset();
  return root;
}

/** The first argument that is neither a global option nor the value of one. */
export function firstWord(args: readonly string[]): string {
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--config" || args[i] === "--home") i++;
    else if (!args[i]!.startsWith("-")) return args[i]!;
  }
  return "";
}
