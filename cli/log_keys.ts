import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot log keys`. */
export function logKeysCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("List the log's public keys with the sizes each may vouch for. Publish what --json prints.")
    .example("For auditors", "pot log keys --json")
    .action(async (options: GlobalOptions) => {
      const { home } = await loadConfig(context, options);
      const [{ openLogKeyring }, { formatLogKeys }, { denoFiles }] = await Promise.all([
        import("../lib/runtime/log_keyring.ts"),
        import("../lib/core/log_keys.ts"),
        import("../lib/io/deno_files.ts"),
      ]);
      const keys = await (await openLogKeyring(home, { files: denoFiles })).keys();
      report(context, options, {
        json: formatLogKeys(keys),
        lines: keys.map(({ verifierKey, from, to }) =>
          `${verifierKey}  sizes ${from} ${to === undefined ? "on (in force)" : `to ${to}`}`
        ),
      });
    });
}
