import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";
import { whileWaiting } from "./while_waiting.ts";

/** `pot log index`. */
export function logIndexCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Derive the log's index again from its entries. Loses nothing; stop what else uses the log.")
    .example("Rebuild", "pot log index")
    .action(async (options: GlobalOptions) => {
      const config = await loadConfig(context, options);
      const { rebuildIndex } = await import("../lib/runtime/rebuild_index.ts");
      const size = await whileWaiting(context, { label: "indexing" }, () => rebuildIndex(config));
      report(context, options, { json: { size }, lines: [`the index has all ${size} records again`] });
    });
}
