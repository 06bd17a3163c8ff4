import type { AlertRule } from "../../lib/alerts/alert_rule.ts";
import { DEFAULT_RULES } from "../../lib/alerts/default_rules.ts";

/** The table of docs/operations.md: rule, what it weighs, when it fires, how bad that is, the first step. */
export function alertRuleRows(): readonly (readonly string[])[] {
  return DEFAULT_RULES.map((rule) => [
    `\`${rule.name}\``,
    rule.check === undefined ? `event \`${rule.occurrence}\`` : `\`${rule.check}\``,
    firesInWords(rule),
    severityInWords(rule),
    rule.runbook,
  ]);
}

function firesInWords({ when = { status: "degraded" }, occurrence, forMs, missing }: AlertRule): string {
  const lasting = forMs === undefined ? "" : ` for ${span(forMs)}`;
  const silent = missing === undefined ? "" : `; or nothing known for ${span(missing.afterMs)}`;
  if (occurrence !== undefined) return "each time";
  if ("status" in when) return `\`${when.status}\`${lasting}${silent}`;
  const [limit, clears] = "above" in when
    ? [`above ${when.above}`, when.clearBelow]
    : [`below ${when.below}`, when.clearAbove];
  return `\`${when.value}\` ${limit}${lasting}${clears === undefined ? "" : `, until ${clears}`}${silent}`;
}

function severityInWords({ severity, missing }: AlertRule): string {
  const own = typeof severity === "object"
    ? Object.entries(severity).map(([status, word]) => `\`${status}\`: ${word}`).join(", ")
    : severity;
  return missing === undefined ? own : `${own}; unknown: ${missing.severity}`;
}

function span(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes >= 2_880) return `${minutes / 1_440} d`;
  return minutes >= 60 ? `${minutes / 60} h` : `${minutes} min`;
}
