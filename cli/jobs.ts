import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { jobsListCommand } from "./jobs_list.ts";
import { jobsRunCommand } from "./jobs_run.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot jobs`. */
export function jobsCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Look at the daemon's jobs, and run one of them now.")
    .example("How they do", "pot jobs list")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("list", jobsListCommand(context))
    .command("run", jobsRunCommand(context))
    .reset();
}
