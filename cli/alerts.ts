import { Command } from "@cliffy/command";
import { alertsTestCommand } from "./alerts_test_command.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot alerts`. */
export function alertsCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Look after alerts: see whether they arrive.")
    .example("Does every channel work?", "pot alerts test")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("test", alertsTestCommand(context))
    .reset();
}
