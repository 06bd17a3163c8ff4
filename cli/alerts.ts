import { Command } from "@cliffy/command";
import { alertsAcknowledgeCommand } from "./alerts_acknowledge.ts";
import { alertsDeadLettersCommand } from "./alerts_dead_letters.ts";
import { alertsListCommand } from "./alerts_list.ts";
import { alertsRulesCommand } from "./alerts_rules.ts";
import { alertsExpireCommand, alertsSilenceCommand, alertsSilencesCommand } from "./alerts_silence.ts";
import { alertsTestCommand } from "./alerts_test_command.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { showGroupHelp } from "./show_group_help.ts";

/** `pot alerts`. */
export function alertsCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Look after alerts: what fires, who takes care, what is silent, what did not arrive.")
    .example("What fires?", "pot alerts list")
    .example("Does every channel work?", "pot alerts test")
    .action(function (options: GlobalOptions) {
      showGroupHelp(this, options);
    })
    .command("list", alertsListCommand(context))
    .command("acknowledge", alertsAcknowledgeCommand(context))
    .command("silence", alertsSilenceCommand(context))
    .command("silences", alertsSilencesCommand(context))
    .command("expire", alertsExpireCommand(context))
    .command("dead-letters", alertsDeadLettersCommand(context))
    .command("rules", alertsRulesCommand(context))
    .command("test", alertsTestCommand(context))
    .reset();
}
