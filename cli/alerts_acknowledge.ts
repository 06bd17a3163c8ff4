import { Command } from "@cliffy/command";
import { PotError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { whoActs, withAlerts } from "./with_alerts.ts";

interface AcknowledgeOptions extends GlobalOptions {
  note?: string;
}

/** `pot alerts acknowledge`. */
export function alertsAcknowledgeCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Say that you take care of an alert: its incident is not repeated or escalated for a day, or until it gets worse.",
    )
    .arguments("<fingerprint:string>")
    .option("--note <text:string>", "What you do about it; the channels are told.")
    .example("By its fingerprint", "pot alerts acknowledge disk-space-3f6c0a91b2d4 --note 'making room'")
    .action(async (options: AcknowledgeOptions, target: string) => {
      await withAlerts(context, options, async (admin) => {
        const { note } = options;
        const by = await whoActs(context);
        const incident = await admin.acknowledge(target, { by, ...(note === undefined ? {} : { note }) });
        if (incident === undefined) {
          throw new PotError("Cannot acknowledge as nothing of that name fires", {
            facts: [`asked for: ${target}`],
            hint: "see: pot alerts list",
          });
        }
        report(context, options, {
          json: { incident, by, ...(note === undefined ? {} : { note }) },
          lines: [`acknowledged by ${by}: ${incident}`],
        });
      });
    });
}
