import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { keysImportCommand } from "./keys_import.ts";
import { keysNewCommand } from "./keys_new.ts";
import { keysRotateCommand } from "./keys_rotate.ts";
import { keysShowCommand } from "./keys_show.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot keys`. */
export function keysCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Make, import, replace or look at the account that signs transactions.")
    .example("Make one", "pot keys new")
    .example("Which account signs?", "pot keys show")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("new", keysNewCommand(context))
    .command("import", keysImportCommand(context))
    .command("rotate", keysRotateCommand(context))
    .command("show", keysShowCommand(context))
    .reset();
}
