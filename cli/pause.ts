import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

interface PauseOptions extends GlobalOptions {
  reason?: string;
}

/** `pot pause`. */
export function pauseCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Stop all writes to the chain from this host, at once and until pot resume. Records go on being kept.",
    )
    .option("--reason <text:string>", "Why, for whoever finds it paused.")
    .example("Before something risky", "pot pause --reason 'moving the signing key'")
    .action(async (options: PauseOptions) => {
      const { openWritePause } = await import("../lib/runtime/open_write_pause.ts");
      const pause = openWritePause(await loadConfig(context, options));
      const wasPaused = await pause.read() !== undefined;
      const detail = options.reason ?? "pot pause";
      await pause.pause({ reason: "operator", detail, since: new Date().toISOString() });
      const note = await pause.read();
      report(context, options, {
        json: { isPaused: true, wasPaused, ...note },
        lines: [
          wasPaused ? `writes were paused already, since ${note?.since}` : "writes are paused on this host",
        ],
        next: ["pot resume"],
      });
    });
}
