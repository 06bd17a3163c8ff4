import { Command } from "@cliffy/command";
import type { AlertsView } from "../lib/alerts/engine/view.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { shortTime } from "./job_lines.ts";
import { report } from "./output.ts";
import { tableLines } from "./table_lines.ts";
import { withAlerts } from "./with_alerts.ts";

interface ListOptions extends GlobalOptions {
  all?: boolean | undefined;
}

/** `pot alerts list`. */
export function alertsListCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description("List the alerts that fire, since when and what to try, and how the channels do.")
    .option("--all", "Those that wait whether it lasts, and those resolved within the last hour, too.")
    .example("What fires?", "pot alerts list")
    .example("Everything, for a program", "pot alerts list --all --json")
    .action(async (options: ListOptions) => {
      await withAlerts(context, options, async (admin) => {
        const view = await admin.view({ signal: context.signal });
        const shown = view.alerts.filter(({ state }) =>
          options.all === true || (state !== "resolved" && state !== "pending")
        );
        report(context, options, {
          json: { ...view, alerts: shown },
          lines: [
            ...(shown.length === 0 ? ["nothing fires"] : alertLines(shown)),
            ...channelLines(view),
            ...deadLines(view),
          ],
          ...(shown.length > 0 && {
            next: [
              "pot alerts acknowledge <fingerprint>",
              "pot alerts silence <rule|fingerprint> --for 2h --reason …",
            ],
          }),
        });
      });
    });
}

function alertLines(alerts: AlertsView["alerts"]): readonly string[] {
  const table = tableLines([
    ["STATE", "SEVERITY", "SINCE", "FINGERPRINT", "SUBJECT", "MESSAGE"],
    ...alerts.map(({ state, severity, since, fingerprint, subject, message, quietBecause }) => [
      state,
      severity,
      shortTime(Date.parse(since)),
      fingerprint,
      subject === "" ? "-" : subject,
      quietBecause === undefined ? message : `${message} (quiet: ${quietBecause})`,
    ]),
  ]);
  // Once for each rule: many subjects of one have the same first step.
  const runbooks = new Map(
    alerts.flatMap(({ rule, runbook, state }) =>
      runbook === undefined || state === "resolved" || state === "pending" ? [] : [[rule, runbook]]
    ),
  );
  return [...table, ...[...runbooks].flatMap(([rule, runbook]) => ["", `${rule}: ${runbook}`])];
}

function channelLines({ channels }: AlertsView): readonly string[] {
  return channels.filter(({ waiting, failures, refusedMs }) =>
    waiting > 0 || failures > 0 || refusedMs !== undefined
  ).map(
    ({ name, waiting, failingSinceMs, refusedMs, reason }) =>
      `${name}: ${waiting} waiting${
        failingSinceMs === undefined ? "" : `, failing since ${shortTime(failingSinceMs)}`
      }${refusedMs === undefined ? "" : `, refused what it was sent at ${shortTime(refusedMs)}`}${
        reason === undefined ? "" : ` (${reason})`
      }`,
  );
}

function deadLines({ deadLetters }: AlertsView): readonly string[] {
  return deadLetters.length === 0
    ? []
    : [`${deadLetters.length} could not be delivered: pot alerts dead-letters list`];
}
