import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";
import { txListCommand } from "./tx_list.ts";
import { txReplaceCommand } from "./tx_replace.ts";

/** `pot tx`. */
export function txCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Look at the transactions of the signing key, and replace one that is stuck.")
    .example("What is under way", "pot tx list")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("list", txListCommand(context))
    .command("speed-up", txReplaceCommand(context, "speed-up"))
    .command("cancel", txReplaceCommand(context, "cancel"))
    .reset();
}
