import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";
import { tokensListCommand } from "./tokens_list.ts";
import { tokensNewCommand } from "./tokens_new.ts";
import { tokensRevokeCommand } from "./tokens_revoke.ts";

/** `pot tokens`. */
export function tokensCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Make, list and end the access tokens of this home folder; docs/security.md has the roles.")
    .example("For a training job", "pot tokens new ci-trainer --role recorder")
    .example("Who has one?", "pot tokens list")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("new", tokensNewCommand(context))
    .command("list", tokensListCommand(context))
    .command("revoke", tokensRevokeCommand(context))
    .reset();
}
