import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import { errorText } from "./backup_lines.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

/** `pot backup create`. */
export function backupCreateCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Make a backup beside whatever runs, write it to every target, and read it back from each. Exit code 1: a target does not have it.",
    )
    .example("Now", "pot backup create")
    .action(async (options: GlobalOptions) => {
      const config = await loadConfig(context, options);
      const { openBackups } = await import("../lib/runtime/open_backups.ts");
      const backups = openBackups(config);
      const { signal } = context;
      const { note, targets } = await whileWaiting(
        context,
        { label: "backing up" },
        () => backups.create({ signal }),
      );
      context.exitWith(targets.every(({ isOk }) => isOk) ? 0 : 1);
      report(context, options, {
        json: {
          name: note.name,
          createdAt: note.createdAt,
          sizeBytes: note.sizeBytes,
          sha256: note.sha256,
          isEncrypted: note.isEncrypted,
          recordCount: note.log.recordCount,
          fileCount: note.fileCount,
          targets: targets.map((one) =>
            one.isOk
              ? { target: one.target, verified: one.depth }
              : { target: one.target, error: context.redactor(errorText(one.error)) }
          ),
        },
        lines: [
          `made ${note.name}`,
          `  holds     ${note.log.recordCount} records, ${note.fileCount} files${
            note.isEncrypted ? "" : ", not encrypted"
          }`,
          `  size      ${note.sizeBytes} bytes`,
          ...targets.map((one) =>
            one.isOk
              ? `  ${one.target}: written and read back (${one.depth})`
              : `  ${one.target}: FAILED: ${errorText(one.error)}`
          ),
        ],
        next: ["pot backup list"],
      });
    });
}
