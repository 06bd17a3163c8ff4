import { Command, EnumType } from "@cliffy/command";
import type { Role } from "../lib/access/roles.ts";
import { ROLES } from "../lib/access/roles.ts";
import { UsageError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { loadConfig } from "./load_config.ts";
import { toJson } from "./output.ts";

interface NewOptions extends GlobalOptions {
  role: string;
  expires: string;
}

/** `pot tokens new`. */
export function tokensNewCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Make an access token. It is printed once, alone on standard output; only its hash is kept.")
    .type("role", new EnumType([...ROLES]))
    .arguments("<name:string>")
    .option("--role <role:role>", "What its holder may do: viewer, recorder, operator or admin.", {
      required: true,
    })
    .option("--expires <time:string>", "How long it is good for, such as 12h, 30d; 366d at most.", {
      default: "90d",
    })
    .example("For a training job", "pot tokens new ci-trainer --role recorder --expires 30d")
    .example("For the daemon", "pot tokens new daemon --role operator")
    .action(async (options: NewOptions, name: string) => {
      const [{ durationMs }, { openAccess }, config] = await Promise.all([
        import("../lib/runtime/settings/setting.ts"),
        import("../lib/runtime/open_access.ts"),
        loadConfig(context, options),
      ]);
      const lifetimeMs = durationMs(options.expires);
      if (lifetimeMs === undefined) {
        throw new UsageError("Cannot make the token as --expires is no time", {
          facts: [`--expires: ${options.expires.slice(0, 40)}`],
          hint: "write it as 12h, 30d or 90d",
        });
      }
      const { token, entry } = await openAccess(config).tokens.create({
        name,
        role: options.role as Role,
        lifetimeMs,
      });
      const { id, role, expiresAt } = entry;
      if (options.json) {
        context.reveal(`${toJson({ token, id, name, role, expiresAt })}\n`);
        return;
      }
      context.reveal(`${token}\n`);
      context.err(
        `token ${name} (id ${id}) has the role ${role} until ${expiresAt}; it is not shown again\n`,
      );
    });
}
