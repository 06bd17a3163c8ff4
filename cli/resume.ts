import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot resume`. */
export function resumeCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Let this host write to the chain again, after pot pause or after a broken finality was looked into.",
    )
    .example("Go on", "pot resume")
    .action(async (options: GlobalOptions) => {
      const { openWritePause } = await import("../lib/runtime/open_write_pause.ts");
      const pause = openWritePause(await loadConfig(context, options));
      const note = await pause.read();
      const wasPaused = await pause.resume();
      report(context, options, {
        json: { isPaused: false, wasPaused, ...note },
        lines: [
          note === undefined
            ? "writes were not paused"
            : `writes go on; they were paused since ${note.since}: ${note.detail}`,
        ],
        next: ["pot anchor"],
      });
    });
}
