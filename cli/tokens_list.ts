import { Command } from "@cliffy/command";
import type { TokenEntry } from "../lib/access/token_file.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { report } from "./output.ts";

/** `pot tokens list`. */
export function tokensListCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Every access token of this home folder: name, role, end and last day of use. Never the token.",
    )
    .example("List", "pot tokens list")
    .action(async (options: GlobalOptions) => {
      const [{ openAccess }, config] = await Promise.all([
        import("../lib/runtime/open_access.ts"),
        loadConfig(context, options),
      ]);
      const nowMs = Date.now();
      const tokens = (await openAccess(config).tokens.list()).map((token) => ({
        ...shown(token),
        state: stateOf(token, nowMs),
      }));
      report(context, options, {
        json: { access: config.access?.mode ?? "open", tokens },
        lines: tokens.length === 0 ? ["no tokens"] : tokens.map((token) =>
          [
            token.id,
            token.role.padEnd(8),
            token.state.padEnd(7),
            `until ${token.expiresAt.slice(0, 10)}`,
            `used ${token.lastUsedOn ?? "never"}`.padEnd(15),
            token.name,
          ].join("  ")
        ),
        next: tokens.length === 0 ? ["pot tokens new <name> --role recorder"] : [],
      });
    });
}

function shown({ hash: _hash, ...token }: TokenEntry): Omit<TokenEntry, "hash"> {
  return token;
}

function stateOf({ revokedAt, expiresAt }: TokenEntry, nowMs: number): "valid" | "expired" | "revoked" {
  if (revokedAt !== undefined) return "revoked";
  return Date.parse(expiresAt) > nowMs ? "valid" : "expired";
}
