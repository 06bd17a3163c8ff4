import { Command } from "@cliffy/command";
import { join, resolve } from "node:path";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { copyLines, copyWithProgress } from "./copy_with_progress.ts";
import type { GlobalOptions } from "./global_options.ts";
import { importLedgerFile } from "./import_ledger_file.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot log import`. */
export function logImportCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Copy the file log in a folder into the configured log: same records, indices and root. Goes on where an earlier copy ended. A prototype's provenance_records.json goes into the local ledger.",
    )
    .arguments("<folder-or-file:string>")
    .example("Into PostgreSQL", "pot log import .pot/log")
    .example("From the prototype", "pot log import provenance_records.json")
    .action(async (options: GlobalOptions, folder: string) => {
      const config = await loadConfig(context, options);
      const path = resolve(context.folder, folder);
      if (/\.jsonl?$/.test(path)) return await importLedgerFile(context, options, path);
      const { denoFiles } = await import("../lib/io/deno_files.ts");
      if (await denoFiles.stat(join(path, "write-ahead")) === undefined) {
        throw new UsageError("Cannot import the log as the folder holds none", {
          facts: [`folder: ${path}`],
          hint: "name the folder that has the write-ahead file: .pot/log, or what pot log export wrote",
        });
      }
      const { openFolderLog, openLog } = await import("../lib/runtime/open_log.ts");
      await using from = await openFolderLog(config, path);
      await using to = await openLog(config);
      const copy = await copyWithProgress(context, from, to);
      report(context, options, {
        json: { folder: path, ...copy.json },
        lines: copyLines(copy, `from ${path}`),
      });
    });
}
