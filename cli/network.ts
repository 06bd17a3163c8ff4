import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { networkListCommand } from "./network_list.ts";
import { networkTestCommand } from "./network_test_command.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot network`. */
export function networkCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("List the networks that have a name, or ask the configured endpoints about theirs.")
    .example("Which are there?", "pot network list")
    .example("Do my endpoints work?", "pot network test")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("list", networkListCommand(context))
    .command("test", networkTestCommand(context))
    .reset();
}
