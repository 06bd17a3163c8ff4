import type { AlertRule } from "../alert_rule.ts";

/** What is observed of channels by the alerts themselves; the subject is the channel. */
const OWN_CHECKS: readonly string[] = ["channel", "dead-letters", "outbox"];

/** Whether the rule's subjects are channels: what is wrong with one is told by the others. */
export function isOwnCheck({ check }: Pick<AlertRule, "check">): boolean {
  return check !== undefined && OWN_CHECKS.includes(check);
}

/** Whether the rule is about the alerts themselves: it is followed and told however much else there is. */
export function isAboutAlerts({ check }: Pick<AlertRule, "check">): boolean {
  return check === "alerts" || (check !== undefined && OWN_CHECKS.includes(check));
}
