import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot log rotate`. */
export function logRotateCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Replace the log's key by a new one: both sign a checkpoint that hands over, then the old private key is removed.",
    )
    .example("Rotate", "pot log rotate")
    .action(async (options: GlobalOptions) => {
      const config = await loadConfig(context, options);
      const [{ openLog }, { rotateLogKey }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/open_log.ts"),
        import("../lib/runtime/rotate_log_key.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      await using log = await openLog(config);
      const rotation = await rotateLogKey(config.home, log, { files: denoFiles, signal: context.signal });
      report(context, options, {
        json: rotation,
        lines: [
          `handed over at size ${rotation.size}`,
          `  from      ${rotation.from}`,
          `  to        ${rotation.to}`,
        ],
        next: ["pot log keys --json > log-keys.json", "pot log backup-key --output <file>"],
      });
    });
}
