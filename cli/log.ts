import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { logAuditCommand } from "./log_audit.ts";
import { logBackupKeyCommand } from "./log_backup_key.ts";
import { logCosignCommand } from "./log_cosign.ts";
import { logExportCommand } from "./log_export.ts";
import { logImportCommand } from "./log_import.ts";
import { logIndexCommand } from "./log_index.ts";
import { logKeysCommand } from "./log_keys.ts";
import { logPublishCommand } from "./log_publish.ts";
import { logRebuildCommand } from "./log_rebuild.ts";
import { logRestoreKeyCommand } from "./log_restore_key.ts";
import { logRotateCommand } from "./log_rotate.ts";
import { logServeCheckCommand } from "./log_serve_check.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot log`. */
export function logCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Move the log between a folder and PostgreSQL, publish it, have it cosigned, and keep its keys.",
    )
    .example("Into PostgreSQL", "pot log import .pot/log")
    .example("For a static server", "pot log publish public/log")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("export", logExportCommand(context))
    .command("import", logImportCommand(context))
    .command("publish", logPublishCommand(context))
    .command("serve-check", logServeCheckCommand(context))
    .command("cosign", logCosignCommand(context))
    .command("index", logIndexCommand(context))
    .command("audit", logAuditCommand(context))
    .command("rebuild", logRebuildCommand(context))
    .command("keys", logKeysCommand(context))
    .command("rotate", logRotateCommand(context))
    .command("backup-key", logBackupKeyCommand(context))
    .command("restore-key", logRestoreKeyCommand(context))
    .reset();
}
