import { Command } from "@cliffy/command";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

interface PruneOptions extends GlobalOptions {
  dryRun?: boolean | undefined;
}

/** `pot backup prune`. */
export function backupPruneCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Remove the backups that POT_BACKUP_KEEP does not keep. The newest verified one always stays, and without a verified one all do.",
    )
    .option("--dry-run", "Say what would be removed, and remove nothing.")
    .example("What would go?", "pot backup prune --dry-run")
    .action(async (options: PruneOptions) => {
      const config = await loadConfig(context, options);
      const rule = config.backup?.keep;
      if (rule === undefined) {
        throw new UsageError("Cannot prune the backups as nothing says how many to keep", {
          hint: "set POT_BACKUP_KEEP, such as last=3,daily=7,weekly=4,monthly=12,yearly=10",
        });
      }
      const { openBackups } = await import("../lib/runtime/open_backups.ts");
      const isDryRun = options.dryRun === true;
      const pruned = await openBackups(config).prune({ rule, isDryRun, signal: context.signal });
      report(context, options, {
        json: { isDryRun, targets: pruned },
        lines: pruned.flatMap(({ target, decisions }) => [
          `${target}: ${decisions.filter(({ isKept }) => isKept).length} kept, ${
            decisions.filter(({ isKept }) => !isKept).length
          } ${isDryRun ? "would be removed" : "removed"}`,
          ...decisions.map(({ id, isKept, reasons }) =>
            isKept ? `  keep    ${id} (${reasons.join(", ")})` : `  remove  ${id}`
          ),
        ]),
      });
    });
}
