import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { copyLines, copyWithProgress } from "./copy_with_progress.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { loadConfig } from "./load_config.ts";

/** `pot log export`. */
export function logExportCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Copy the log into a folder, which is then a file log of its own: same records, indices and root. Goes on where an earlier copy ended.",
    )
    .arguments("<folder:string>")
    .example("Out of PostgreSQL", "pot log export log-copy")
    .action(async (options: GlobalOptions, folder: string) => {
      const config = await loadConfig(context, options);
      const { openFolderLog, openLog } = await import("../lib/runtime/open_log.ts");
      const path = resolve(context.folder, folder);
      await using from = await openLog(config);
      await using to = await openFolderLog(config, path);
      const copy = await copyWithProgress(context, from, to);
      report(context, options, {
        json: { folder: path, ...copy.json },
        lines: copyLines(copy, `to ${path}`),
      });
    });
}
