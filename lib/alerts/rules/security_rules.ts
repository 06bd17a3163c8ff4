import type { AlertRule } from "../alert_rule.ts";
import { DAY_MS, HOUR_MS } from "./time_spans.ts";

/** Signs that somebody does what they should not. */
export const SECURITY_RULES: readonly AlertRule[] = [
  {
    name: "authentication-failed",
    occurrence: "authentication-failed",
    severity: "warning",
    clearForMs: HOUR_MS,
    cause: "authentication-failed",
    repeatMs: 6 * HOUR_MS,
    runbook:
      "Somebody shows tokens that are none. If it is a colleague's old one, hand out a new one; if not, look at the server's access log for where it comes from and shut that out.",
  },
  {
    name: "permission-refused",
    occurrence: "permission-refused",
    severity: "warning",
    clearForMs: HOUR_MS,
    cause: "permission-refused",
    repeatMs: 6 * HOUR_MS,
    runbook:
      "A valid token asked for what its role may not do. Ask its owner; take the token back if they do not know of it.",
  },
  {
    name: "owner-changed",
    occurrence: "owner-changed",
    severity: "critical",
    clearForMs: DAY_MS,
    cause: "contract-owner",
    runbook:
      "Run pot contract check. If the handover was not planned, the old owner's key is stolen: run pot pause and move to a contract of your own with pot contract migrate.",
  },
  {
    name: "rpc-out-of-pattern",
    occurrence: "rpc-out-of-pattern",
    severity: "error",
    clearForMs: 6 * HOUR_MS,
    cause: "rpc-out-of-pattern",
    runbook:
      "The API key of an endpoint is used in a way that is not ours, or we ask far more than usual. Run pot network test, compare with the provider's own statistics, and replace that API key if they are not ours.",
  },
  {
    name: "key-rotated",
    occurrence: "key-rotated",
    severity: "info",
    clearForMs: HOUR_MS,
    cause: "key-rotated",
    runbook: "Nothing to do if it was planned. If it was not: run pot pause, then pot keys show.",
  },
];
