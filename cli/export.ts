import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { exportInTotoCommand } from "./export_in_toto.ts";
import { exportTlogProofCommand } from "./export_tlog_proof.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot export`. */
export function exportCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Write what the log holds in the formats of other tools.")
    .example("For supply-chain tools", `pot export in-toto ${"ab".repeat(32)} --output step-500.intoto.json`)
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("in-toto", exportInTotoCommand(context))
    .command("tlog-proof", exportTlogProofCommand(context))
    .reset();
}
