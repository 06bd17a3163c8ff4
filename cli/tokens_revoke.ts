import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot tokens revoke`. */
export function tokensRevokeCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("End an access token at once; a process that runs with it notices within ten seconds.")
    .arguments("<id-or-name:string>")
    .example("By name", "pot tokens revoke ci-trainer")
    .action(async (options: GlobalOptions, idOrName: string) => {
      const [{ openAccess }, config] = await Promise.all([
        import("../lib/runtime/open_access.ts"),
        loadConfig(context, options),
      ]);
      const { id, name, role, revokedAt } = await openAccess(config).tokens.revoke(idOrName);
      report(context, options, {
        json: { id, name, role, revokedAt },
        lines: [`${name} (id ${id}) is revoked since ${revokedAt}`],
      });
    });
}
