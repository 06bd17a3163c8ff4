import type { AlertRule, ValueCondition } from "./alert_rule.ts";
import { DEFAULT_RULES } from "./default_rules.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const LONGEST_MS = 366 * 86_400_000;
const MOST_RULES = 500;

/**
 * What is wrong with a set of rules: lines that name the rule and what it must be, none where all is in order.
 *
 * `channels`: names that rules may ask for; `undefined` where they are not known.
 */
export function ruleMistakes(
  rules: readonly AlertRule[],
  { channels }: { readonly channels?: readonly string[] | undefined } = {},
): readonly string[] {
  const mistakes: string[] = [];
  const names = new Set<string>();
  const targets = new Set([...DEFAULT_RULES, ...rules].flatMap(({ name, cause = name }) => [name, cause]));
  if (rules.length > MOST_RULES) {
    mistakes.push(`there must be at most ${MOST_RULES} rules (are ${rules.length})`);
  }
  for (const rule of rules) {
    const say = (what: string) => mistakes.push(`rule ${rule.name.slice(0, 80)}: ${what}`);
    if (!NAME.test(rule.name)) say("its name must be lowercase letters, digits and -, up to 40");
    if (names.has(rule.name)) say("its name must be its own: another rule has it");
    names.add(rule.name);
    mistakesOf(rule, say);
    for (const target of rule.inhibits ?? []) {
      const [name = ""] = target.split(":");
      if (!targets.has(name)) say(`inhibits must name rules or causes (${target.slice(0, 80)} is none)`);
    }
    for (const channel of rule.channels ?? []) {
      if (channels !== undefined && !channels.includes(channel)) {
        say(`channels must be configured ones (${channel.slice(0, 80)} is not)`);
      }
    }
  }
  const circle = findCircle(rules);
  if (circle !== undefined) {
    mistakes.push(`rule ${circle[0]}: it must not inhibit itself (${[...circle, circle[0]].join(" → ")})`);
  }
  return mistakes;
}

function mistakesOf(rule: AlertRule, say: (what: string) => void): void {
  const { check, occurrence, when, missing, cause, severity, runbook, channels } = rule;
  if ((check === undefined) === (occurrence === undefined)) {
    say("it must have a check or an occurrence, not both");
  }
  for (const name of [check, occurrence, cause]) {
    if (name !== undefined && !NAME.test(name)) {
      say("check, occurrence and cause must be lowercase letters, digits and -");
    }
  }
  if (occurrence !== undefined && (when !== undefined || missing !== undefined)) {
    say("an occurrence has neither a condition nor missing data");
  }
  if (when !== undefined && "value" in when) limitMistakes(when, say);
  if (typeof severity === "object" && Object.keys(severity).length === 0) say("severity must not be empty");
  if (runbook.trim() === "") say("runbook must say the first step to try");
  if (channels?.length === 0) say("channels must not be empty: disable the rule instead");
  const times = {
    for: rule.forMs,
    clearFor: rule.clearForMs,
    repeat: rule.repeatMs,
    escalateAfter: rule.escalateAfterMs,
    "missing.after": missing?.afterMs,
  };
  for (const [name, ms] of Object.entries(times)) {
    const least = name === "for" || name === "clearFor" ? 0 : 60_000;
    if (ms !== undefined && !(ms >= least && ms <= LONGEST_MS)) {
      say(`${name} must be ${least === 0 ? "" : "a minute to "}a year at most`);
    }
  }
}

function limitMistakes(when: ValueCondition, say: (what: string) => void): void {
  if (when.value === "") say("value must name one of the observation's values");
  const [fires, clears] = "above" in when ? [when.above, when.clearBelow] : [when.below, when.clearAbove];
  if (![fires, clears ?? 0].every(Number.isFinite)) say("its limits must be numbers");
  if (clears === undefined) return;
  if ("above" in when ? clears > fires : clears < fires) {
    say(`it must clear on the other side of where it fires (fires at ${fires}, clears at ${clears})`);
  }
}

/** Rules that silence each other in a circle would hide all of them; a rule of one subject (`job:anchor`) silences no other. */
function findCircle(rules: readonly AlertRule[]): readonly string[] | undefined {
  const next = (name: string): readonly string[] => {
    const rule = rules.find((each) => each.name === name);
    return rules.filter((other) =>
      rule?.inhibits?.some((target) =>
        target === other.name || (target === other.cause && other.cause !== rule.cause)
      )
    ).map((other) => other.name);
  };
  const done = new Set<string>();
  const walk = (name: string, path: readonly string[]): readonly string[] | undefined => {
    const at = path.indexOf(name);
    if (at >= 0) return path.slice(at);
    if (done.has(name)) return undefined;
    for (const target of next(name)) {
      const circle = walk(target, [...path, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of rules) {
    const circle = walk(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
