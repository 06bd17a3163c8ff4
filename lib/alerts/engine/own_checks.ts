import type { AlertRule } from "../alert_rule.ts";

/** What is observed of channels by the alerts themselves; the subject is the channel. */
const OWN_CHECKS: readonly string[] = ["channel", "dead-letters", "outbox"];

/** Whether the rule's subjects are channels: what is wrong with one is told by the others. */
export function isOwnCheck({ check }: Pick<AlertRule, "check">): boolean {
  return check !== undefined && OWN_CHECKS.includes(check);
}
