import { Command } from "@cliffy/command";
import type { AlertsAdmin } from "../lib/alerts/alerts_admin.ts";
import type { DeadLetter } from "../lib/alerts/engine/alert_state.ts";
import { PotError } from "../lib/core/errors.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import { count } from "../lib/core/count.ts";
import type { GlobalOptions } from "./global_options.ts";
import { shortTime } from "./job_lines.ts";
import { report } from "./output.ts";
import { tableLines } from "./table_lines.ts";
import { withAlerts } from "./with_alerts.ts";

/** `pot alerts dead-letters`. */
export function alertsDeadLettersCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("Messages that could not be delivered: list them, send them again, or forget them.")
    .example("What never arrived, and why", "pot alerts dead-letters list")
    .action((options: GlobalOptions) => list(context, options))
    .command("list", listCommand(context))
    .command("retry", changeCommand(context, RETRY))
    .command("drop", changeCommand(context, DROP))
    .reset();
}

function listCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("List the messages that could not be delivered, and why.")
    .example("All of them", "pot alerts dead-letters list")
    .action((options: GlobalOptions) => list(context, options));
}

async function list(context: CliContext, options: GlobalOptions): Promise<void> {
  await withAlerts(context, options, async (admin) => {
    const { deadLetters, lostDeadLetters } = await admin.view({ signal: context.signal });
    report(context, options, {
      json: { deadLetters, lostDeadLetters },
      lines: deadLetters.length === 0 ? ["everything was delivered"] : tableLines([
        ["CHANNEL", "KIND", "SINCE", "TRIES", "ID", "WHY", "MESSAGE"],
        ...deadLetters.map(({ channel, kind, deadMs, attempts, id, reason, message }) => [
          channel,
          kind,
          shortTime(deadMs),
          String(attempts),
          id,
          reason,
          message,
        ]),
      ]),
      ...(deadLetters.length > 0 &&
        { next: ["pot alerts dead-letters retry", "pot alerts dead-letters drop <id>"] }),
    });
  });
}

interface Change {
  readonly description: string;
  readonly examples: readonly (readonly [name: string, line: string])[];
  readonly run: (admin: AlertsAdmin, ids?: readonly string[]) => Promise<readonly DeadLetter[]>;
  readonly done: string;
}

const RETRY: Change = {
  description: "Put dead letters back into the outbox, all or those with these ids; the daemon sends them.",
  examples: [["Once the channel works again", "pot alerts dead-letters retry"]],
  run: (admin, ids) => admin.retryDeadLetters(ids),
  done: "back in the outbox",
};

const DROP: Change = {
  description: "Forget dead letters, all or those with these ids.",
  examples: [["What has no use any more", "pot alerts dead-letters drop"]],
  run: (admin, ids) => admin.dropDeadLetters(ids),
  done: "dropped",
};

function changeCommand(context: CliContext, { description, examples, run, done }: Change): AnyCommand {
  const command = new Command<GlobalOptions>().description(description).arguments("[ids...:string]");
  for (const [name, line] of examples) command.example(name, line);
  return command.action(async (options: GlobalOptions, ...ids: string[]) => {
    await withAlerts(context, options, async (admin) => {
      const chosen = await run(admin, ids.length === 0 ? undefined : ids);
      const found = new Set(chosen.map(({ id }) => id));
      const unknown = ids.filter((id) => !found.has(id));
      if (unknown.length > 0 && chosen.length === 0) {
        throw new PotError("Cannot do that as no dead letter has that id", {
          facts: [`asked for: ${unknown.join(", ")}`],
          hint: "see: pot alerts dead-letters list",
        });
      }
      report(context, options, {
        json: { deadLetters: chosen },
        lines: [`${count(chosen.length, "message")} ${done}`],
      });
    });
  });
}
