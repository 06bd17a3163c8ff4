import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { contractCheckCommand } from "./contract_check.ts";
import { contractDeployCommand } from "./contract_deploy.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot contract`. */
export function contractCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Deploy the ProofOfTraining contract, or look at one.")
    .example("Deploy it", "pot contract deploy --network sepolia")
    .example("Look at it", "pot contract check")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("deploy", contractDeployCommand(context))
    .command("check", contractCheckCommand(context))
    .reset();
}
