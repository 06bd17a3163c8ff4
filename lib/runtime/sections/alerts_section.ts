import type { AlertRule } from "../../alerts/alert_rule.ts";
import { ruleMistakes } from "../../alerts/check_rules.ts";
import { DEFAULT_RULES } from "../../alerts/default_rules.ts";
import type { Silence } from "../../alerts/engine/alert_state.ts";
import { parseAlertRule } from "./alert_rule_fields.ts";
import { parseMaintenance } from "./maintenance_fields.ts";
import { isObject, unknownFields } from "./section_reader.ts";

const CHANNEL_NAMES = ["slack", "slack-webhook", "pagerduty", "email", "webhook"];
const KNOWN = `there are ${CHANNEL_NAMES.join(", ")}`;

/** What a configuration says of alerts. */
export interface AlertsConfig {
  /** Those in use: the built-in ones, changed, and more. */
  readonly rules: readonly AlertRule[];
  /** Channels that are told of critical incidents that nobody acknowledges, whatever their minimum severity. */
  readonly escalateTo: readonly string[];
  /** When what is not told. */
  readonly maintenance: readonly Silence[];
  /** Messages a minute, by channel. */
  readonly ratePerMinute: Readonly<Record<string, number>>;
}

/**
 * The section `alerts`: `{ "rules": { "endpoint-slow": false, "balance-low": { "below": 30, "clearAbove": 45, "repeat": "2d" } },
 * "escalateTo": ["email"], "maintenance": [{ "rule": "endpoint-*", "from": …, "until": …, "reason": …, "by": … }] }`.
 */
export function parseAlertsSection(value: unknown, mistakes: string[]): AlertsConfig {
  const nothing = { rules: DEFAULT_RULES, escalateTo: [], maintenance: [], ratePerMinute: {} };
  if (!isObject(value)) {
    mistakes.push(
      "alerts in pot.jsonc must be an object with rules, escalateTo, maintenance or ratePerMinute",
    );
    return nothing;
  }
  const known = ["rules", "escalateTo", "maintenance", "ratePerMinute"];
  mistakes.push(...unknownFields(value, { at: "alerts", known }));
  return {
    rules: parseRules(value.rules ?? {}, mistakes),
    escalateTo: parseNames(value.escalateTo ?? [], mistakes),
    maintenance: parseMaintenance(value.maintenance ?? [], mistakes),
    ratePerMinute: parseRates(value.ratePerMinute ?? {}, mistakes),
  };
}

function parseRules(value: unknown, mistakes: string[]): readonly AlertRule[] {
  if (!isObject(value)) {
    mistakes.push("alerts.rules in pot.jsonc must be an object of rules by name");
    return DEFAULT_RULES;
  }
  const before = mistakes.length;
  const rules = new Map(DEFAULT_RULES.map((rule) => [rule.name, rule]));
  for (const [name, fields] of Object.entries(value)) {
    const rule = parseAlertRule(fields, { name, base: rules.get(name) }, mistakes);
    if (rule === undefined) rules.delete(name);
    else rules.set(name, rule);
  }
  // What could not be read would only be complained of again.
  if (mistakes.length === before) {
    mistakes.push(...ruleMistakes([...rules.values()]).map((line) => `alerts.rules in pot.jsonc: ${line}`));
  }
  return [...rules.values()];
}

function parseNames(value: unknown, mistakes: string[]): readonly string[] {
  if (Array.isArray(value) && value.every(isChannel)) return value;
  mistakes.push(`alerts.escalateTo in pot.jsonc must be a list of channels such as ["email"] (${KNOWN})`);
  return [];
}

function parseRates(value: unknown, mistakes: string[]): Readonly<Record<string, number>> {
  const isInOrder = isObject(value) && Object.keys(value).every(isChannel) &&
    Object.values(value).every(isRate);
  if (isInOrder) return value as Record<string, number>;
  mistakes.push(
    `alerts.ratePerMinute in pot.jsonc must give messages a minute from 1 to 10000 by channel, such as { "slack": 30 } (${KNOWN})`,
  );
  return {};
}

function isChannel(name: unknown): name is string {
  return CHANNEL_NAMES.some((known) => known === name);
}

function isRate(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 10_000;
}
