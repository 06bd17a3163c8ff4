import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import { toHex } from "../lib/core/hex.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

/** `pot log publish`. */
export function logPublishCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Write checkpoint, tiles and entries (C2SP tlog-tiles) into a folder for any static server. Every record in it becomes public.",
    )
    .arguments("<folder:string>")
    .example("Publish", "pot log publish public/log")
    .action(async (options: GlobalOptions, folder: string) => {
      const config = await loadConfig(context, options);
      const [{ openLog }, { publishLog }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/open_log.ts"),
        import("../lib/log/publish_log.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const path = resolve(context.folder, folder);
      const { signal } = context;
      await using log = await openLog(config);
      const head = await whileWaiting(context, { label: "publishing" }, async () => {
        await log.checkpoint({ signal });
        return await publishLog(log, path, { files: denoFiles, signal });
      });
      report(context, options, {
        json: { folder: path, size: head?.size ?? 0n, ...(head && { root: toHex(head.root) }) },
        lines: head === undefined
          ? ["the log is empty: nothing to publish"]
          : [`published ${head.size} records in ${path}`, `  root      ${toHex(head.root)}`],
      });
    });
}
