import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import { backupCreateCommand } from "./backup_create.ts";
import { backupListCommand } from "./backup_list.ts";
import { backupPruneCommand } from "./backup_prune.ts";
import { backupRestoreCommand } from "./backup_restore.ts";
import { backupVerifyCommand } from "./backup_verify.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot backup`. */
export function backupCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Back up this installation to the targets of POT_BACKUP_TARGETS, and restore it. No backup holds a key.",
    )
    .example("Now", "pot backup create")
    .example("What would come back?", "pot backup restore")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("create", backupCreateCommand(context))
    .command("list", backupListCommand(context))
    .command("verify", backupVerifyCommand(context))
    .command("restore", backupRestoreCommand(context))
    .command("prune", backupPruneCommand(context))
    .reset();
}
