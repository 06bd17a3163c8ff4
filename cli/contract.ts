import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { contractArtifactCommand } from "./contract_artifact.ts";
import { contractCheckCommand } from "./contract_check.ts";
import { contractDeployCommand } from "./contract_deploy.ts";
import { contractMigrateCommand } from "./contract_migrate.ts";
import {
  contractAcceptCommand,
  contractPauseCommand,
  contractRetireCommand,
  contractTransferCommand,
  contractUnpauseCommand,
} from "./contract_owner.ts";
import { contractVerifySourceCommand } from "./contract_verify_source.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot contract`. */
export function contractCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Deploy the ProofOfTraining contract, look at one, manage it, or put another in its place.")
    .example("Deploy it", "pot contract deploy --network sepolia")
    .example("Look at it", "pot contract check")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("deploy", contractDeployCommand(context))
    .command("check", contractCheckCommand(context))
    .command("verify-source", contractVerifySourceCommand(context))
    .command("artifact", contractArtifactCommand(context))
    .command("pause", contractPauseCommand(context))
    .command("unpause", contractUnpauseCommand(context))
    .command("transfer", contractTransferCommand(context))
    .command("accept", contractAcceptCommand(context))
    .command("retire", contractRetireCommand(context))
    .command("migrate", contractMigrateCommand(context))
    .reset();
}
