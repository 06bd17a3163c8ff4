import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { logExportCommand } from "./log_export.ts";
import { logImportCommand } from "./log_import.ts";
import { logPublishCommand } from "./log_publish.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot log`. */
export function logCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Move the log between a folder and PostgreSQL, or publish it.")
    .example("Into PostgreSQL", "POT_LOG_URL=postgres://pot@db.example/pot pot log import .pot/log")
    .example("For a static server", "pot log publish public/log")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("export", logExportCommand(context))
    .command("import", logImportCommand(context))
    .command("publish", logPublishCommand(context))
    .reset();
}
