import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { keysNewCommand } from "./keys_new.ts";
import { keysShowCommand } from "./keys_show.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot keys`. */
export function keysCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Make the account that signs transactions, in an encrypted file, or look at it.")
    .example("Make one", "pot keys new")
    .example("Which account signs?", "pot keys show")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("new", keysNewCommand(context))
    .command("show", keysShowCommand(context))
    .reset();
}
