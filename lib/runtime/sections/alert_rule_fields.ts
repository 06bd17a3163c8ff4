import type { AlertRule, MissingData, SeverityByStatus, ValueCondition } from "../../alerts/alert_rule.ts";
import { parseSeverity, type Severity } from "../../alerts/severity.ts";
import { durationMs } from "../settings/setting.ts";
import { isObject, unknownFields } from "./section_reader.ts";

const KNOWN = [
  "enabled",
  "check",
  "occurrence",
  "subject",
  "status",
  "value",
  "above",
  "clearBelow",
  "below",
  "clearAbove",
  "severity",
  "for",
  "clearFor",
  "missing",
  "cause",
  "groupBy",
  "inhibits",
  "repeat",
  "escalateAfter",
  "channels",
  "runbook",
];

/** Reads what pot.jsonc says of one rule, over what is built in; `undefined` for one that is not to be used. */
export function parseAlertRule(
  value: unknown,
  { name, base }: { readonly name: string; readonly base: AlertRule | undefined },
  mistakes: string[],
): AlertRule | undefined {
  const at = `alerts.rules.${name}`;
  const say = (field: string, expected: string) => {
    mistakes.push(`${at}${field === "" ? "" : `.${field}`} in pot.jsonc must be ${expected}`);
    return undefined;
  };
  if (value === false) return undefined;
  if (!isObject(value)) {
    say("", 'false, or an object such as { "severity": "error", "for": "10m" }');
    return base;
  }
  mistakes.push(...unknownFields(value, { at, known: KNOWN }));
  const text = (field: string) => {
    const found = value[field];
    if (found === undefined || (typeof found === "string" && found.trim() !== "")) {
      return found as string | undefined;
    }
    return say(field, "a text");
  };
  const time = (field: string, of: Readonly<Record<string, unknown>> = value, shown = field) => {
    const found = of[field];
    if (found === undefined) return undefined;
    if (found === "0") return 0;
    const ms = typeof found === "string" ? durationMs(found) : undefined;
    return ms ?? say(shown, 'a time such as "90s", "10m", "6h" or "2d"');
  };
  const list = (field: string) => {
    const found = value[field];
    if (found === undefined) return undefined;
    if (Array.isArray(found) && found.every((item) => typeof item === "string")) return found as string[];
    return say(field, "a list of names");
  };
  if (value.enabled !== undefined && typeof value.enabled !== "boolean") say("enabled", "true or false");
  if (base === undefined && value.check === undefined && value.occurrence === undefined) {
    say("", "a rule that is built in (pot alerts rules), or have a check or an occurrence");
  }
  if (base === undefined && value.severity === undefined) {
    say("severity", "given: info, warning, error or critical");
  }
  if (base === undefined && value.runbook === undefined) {
    say("runbook", "given: the first step to try");
  }
  const groupBy = value.groupBy === undefined || value.groupBy === "cause" || value.groupBy === "subject"
    ? value.groupBy
    : say("groupBy", '"cause" or "subject"');
  const source = value.check !== undefined || value.occurrence !== undefined
    ? { check: text("check"), occurrence: text("occurrence") }
    : { check: base?.check, occurrence: base?.occurrence };
  const rule = {
    ...base,
    name,
    ...source,
    when: parseCondition(value, base, say),
    missing: value.missing === undefined
      ? base?.missing
      : value.missing === false
      ? undefined
      : parseMissing(value.missing, time, say),
    severity: parseSeverities(value.severity, base?.severity, say),
    runbook: text("runbook") ?? base?.runbook ?? "",
    subject: text("subject") ?? base?.subject,
    forMs: time("for") ?? base?.forMs,
    clearForMs: time("clearFor") ?? base?.clearForMs,
    cause: text("cause") ?? base?.cause,
    groupBy: groupBy ?? base?.groupBy,
    inhibits: list("inhibits") ?? base?.inhibits,
    repeatMs: time("repeat") ?? base?.repeatMs,
    escalateAfterMs: time("escalateAfter") ?? base?.escalateAfterMs,
    channels: list("channels") ?? base?.channels,
  };
  if (value.enabled === false) return undefined;
  return Object.fromEntries(
    Object.entries(rule).filter(([, field]) => field !== undefined),
  ) as unknown as AlertRule;
}

type Say = (field: string, expected: string) => undefined;

function parseCondition(
  value: Readonly<Record<string, unknown>>,
  base: AlertRule | undefined,
  say: Say,
): AlertRule["when"] {
  const { status } = value;
  const limits = ["value", "above", "clearBelow", "below", "clearAbove"].filter((field) =>
    value[field] !== undefined
  );
  if (status !== undefined) {
    if (limits.length > 0) return say("status", "given alone, or not beside a value");
    if (status === "degraded" || status === "failed" || status === "unknown") return { status };
    return say("status", '"degraded", "failed" or "unknown"');
  }
  if (limits.length === 0) return base?.when;
  const before = base?.when !== undefined && "value" in base.when ? base.when : undefined;
  const isOther = value.value !== undefined && value.value !== before?.value;
  const all: Record<string, unknown> = { ...(isOther ? {} : before) };
  // Another direction is another condition: what the built-in one says of the first is no part of it.
  if (value.above !== undefined) { for (const field of ["below", "clearAbove"]) delete all[field]; }
  if (value.below !== undefined) { for (const field of ["above", "clearBelow"]) delete all[field]; }
  for (const field of limits) all[field] = value[field];
  if (typeof all.value !== "string") {
    return say("value", "given: which of the observation's values is compared");
  }
  for (const [field, limit] of Object.entries(all)) {
    if (field !== "value" && typeof limit !== "number") return say(field, "a number");
  }
  if ((all.above === undefined) === (all.below === undefined)) {
    return say("above", "given, or below, not both");
  }
  if (all.above !== undefined && all.clearAbove !== undefined) {
    return say("clearAbove", "clearBelow beside above");
  }
  if (all.below !== undefined && all.clearBelow !== undefined) {
    return say("clearBelow", "clearAbove beside below");
  }
  return all as unknown as ValueCondition;
}

function parseMissing(
  value: unknown,
  time: (field: string, of: Readonly<Record<string, unknown>>, shown: string) => number | undefined,
  say: Say,
): MissingData | undefined {
  if (!isObject(value)) {
    return say("missing", 'false, or an object such as { "after": "30m", "severity": "warning" }');
  }
  const afterMs = time("after", value, "missing.after");
  if (value.after === undefined) return say("missing.after", 'given, such as "30m"');
  if (typeof value.severity !== "string") return say("missing.severity", "info, warning, error or critical");
  return afterMs === undefined ? undefined : { afterMs, severity: parseSeverity(value.severity) };
}

/** A word that is no severity counts as the worst, so that a slip of the pen never silences anything. */
function parseSeverities(
  value: unknown,
  base: Severity | SeverityByStatus | undefined,
  say: Say,
): Severity | SeverityByStatus {
  if (value === undefined) return base ?? "critical";
  if (typeof value === "string") return parseSeverity(value);
  const isByStatus = isObject(value) &&
    Object.entries(value).every(([status, severity]) =>
      ["degraded", "failed", "unknown"].includes(status) && typeof severity === "string"
    );
  if (isByStatus) {
    return Object.fromEntries(Object.entries(value).map(([status, word]) => [status, parseSeverity(word)]));
  }
  return say(
    "severity",
    'a severity, or an object such as { "degraded": "warning", "failed": "critical" }',
  ) ?? "critical";
}
