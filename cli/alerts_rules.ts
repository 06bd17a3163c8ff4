import { Command } from "@cliffy/command";
import type { AlertRule } from "../lib/alerts/alert_rule.ts";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { report } from "./output.ts";
import { tableLines } from "./table_lines.ts";
import { withAlerts } from "./with_alerts.ts";

/** `pot alerts rules`. */
export function alertsRulesCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "List the rules in use, as pot.jsonc leaves them: what each looks at, when it fires, how bad that is.",
    )
    .example("All of them", "pot alerts rules")
    .example("With everything about each", "pot alerts rules --json")
    .action(async (options: GlobalOptions) => {
      await withAlerts(context, options, (admin) => {
        const rules = admin.rules();
        report(context, options, {
          json: { rules },
          lines: tableLines([
            ["RULE", "LOOKS AT", "FIRES", "FOR", "SEVERITY", "CAUSE"],
            ...rules.map((rule) => [
              rule.name,
              `${rule.check ?? `occurrence ${rule.occurrence}`}${
                rule.subject === undefined ? "" : ` ${rule.subject}`
              }`,
              whenInWords(rule),
              rule.forMs === undefined ? "-" : `${rule.forMs / 60_000} min`,
              severityInWords(rule.severity),
              rule.cause ?? rule.name,
            ]),
          ]),
        });
        return Promise.resolve();
      });
    });
}

function whenInWords({ when = { status: "degraded" }, occurrence, missing }: AlertRule): string {
  const absent = missing === undefined ? "" : `, or silent for ${missing.afterMs / 60_000} min`;
  if (occurrence !== undefined) return "each time";
  if ("status" in when) return `${when.status}${absent}`;
  return `${when.value} ${"above" in when ? `> ${when.above}` : `< ${when.below}`}${absent}`;
}

function severityInWords(severity: AlertRule["severity"]): string {
  if (typeof severity !== "object") return severity;
  return Object.entries(severity).map(([status, word]) => `${status}: ${word}`).join(", ");
}
