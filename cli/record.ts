import { Command } from "@cliffy/command";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { recordCheckpointCommand } from "./record_checkpoint.ts";
import { recordValidationCommand } from "./record_validation.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot record`. */
export function recordCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Record what happened in a training run: durable at once, anchored by the next anchor.")
    .example("A checkpoint", "pot record checkpoint model.safetensors --run run-1 --step 500")
    .example("A result", "pot record validation --run run-1 --step 500 --metric accuracy=0.93")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("checkpoint", recordCheckpointCommand(context))
    .command("validation", recordValidationCommand(context))
    .reset();
}
