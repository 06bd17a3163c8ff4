import type { AlertRule } from "../alert_rule.ts";
import { DAY_MS, MINUTE_MS } from "./time_spans.ts";

/** The alerts' own way out; each is told by the channels that it is not about. */
export const DELIVERY_RULES: readonly AlertRule[] = [
  {
    name: "channel-broken",
    check: "channel",
    when: { status: "failed" },
    severity: "error",
    cause: "channel",
    groupBy: "subject",
    runbook:
      "Run pot alerts test with --channel and its name: the answer says what the other side dislikes. What it should have got waits in the outbox; what was refused: pot alerts dead-letters.",
  },
  {
    name: "dead-letters",
    check: "dead-letters",
    when: { status: "degraded" },
    severity: "error",
    cause: "channel",
    groupBy: "subject",
    repeatMs: DAY_MS,
    runbook:
      "Run pot alerts dead-letters to see what never arrived and why. Once the channel works again: pot alerts dead-letters retry, or drop what has no use any more.",
  },
  {
    name: "outbox-age",
    check: "outbox",
    when: { value: "ageMs", above: 30 * MINUTE_MS, clearBelow: 5 * MINUTE_MS },
    severity: "warning",
    cause: "channel",
    groupBy: "subject",
    runbook:
      "Messages wait for this channel. Run pot alerts list for what it answers, and pot alerts test with --channel and its name.",
  },
  {
    name: "too-many-alerts",
    check: "alerts",
    when: { status: "failed" },
    severity: "critical",
    clearForMs: 10 * MINUTE_MS,
    cause: "too-many-alerts",
    runbook:
      "More is wrong at once than is followed one by one. Run pot alerts list, begin with the critical ones that are oldest; silence a rule that floods with pot alerts silence.",
  },
];
