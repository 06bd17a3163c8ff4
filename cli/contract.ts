import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { contractCheckCommand } from "./contract_check.ts";
import { contractDeployCommand } from "./contract_deploy.ts";
import type { GlobalOptions } from "./global_options.ts";

/** `pot contract`. */
export function contractCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Deploy the ProofOfTraining contract, or look at one.")
    .action(function () {
      this.showHelp();
    })
    .command("deploy", contractDeployCommand(context))
    .command("check", contractCheckCommand(context))
    .reset();
}
