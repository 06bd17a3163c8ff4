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
      "Write checkpoint, tiles and entries (C2SP tlog-tiles) into folders for any static server. Every record in it becomes public.",
    )
    .arguments("<folder...:string>")
    .example("Publish", "pot log publish public/log")
    .example("In two places", "pot log publish public/log /mnt/mirror/log")
    .action(async (options: GlobalOptions, ...folders: string[]) => {
      const config = await loadConfig(context, options);
      const [{ openLog }, { publishLog }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/open_log.ts"),
        import("../lib/log/publish_log.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const paths = folders.map((folder) => resolve(context.folder, folder));
      const { signal } = context;
      await using log = await openLog(config);
      const published = await whileWaiting(context, { label: "publishing" }, async () => {
        await log.checkpoint({ signal });
        const heads = [];
        for (const folder of paths) {
          const head = await publishLog(log, folder, { files: denoFiles, signal });
          if (head !== undefined) heads.push({ folder, size: head.size, root: toHex(head.root) });
        }
        return heads;
      });
      report(context, options, {
        json: { published, size: published.at(-1)?.size ?? 0n },
        lines: published.length === 0
          ? ["the log is empty: nothing to publish"]
          : published.flatMap(({ folder, size, root }) => [
            `published ${size} records in ${folder}`,
            `  root      ${root}`,
          ]),
      });
    });
}
