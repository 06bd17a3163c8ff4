import type { AlertRule } from "../alert_rule.ts";
import { DAY_MS, HOUR_MS } from "./time_spans.ts";

const OWNER_KEY_STOLEN =
  "Run pot contract check. If nobody of yours did it, the owner's key is stolen: run pot pause and move to a contract of your own with pot contract migrate.";

/** Signs that somebody does what they should not. */
export const SECURITY_RULES: readonly AlertRule[] = [
  {
    name: "authentication-failed",
    occurrence: "authentication-failed",
    severity: "info",
    clearForMs: HOUR_MS,
    cause: "authentication",
    runbook:
      "Somebody showed an access token that is none, perhaps an old one. Run pot tokens list for those in force; do something if it goes on.",
  },
  {
    name: "authentication-burst",
    occurrence: "authentication-burst",
    severity: "error",
    clearForMs: HOUR_MS,
    cause: "authentication",
    repeatMs: 6 * HOUR_MS,
    runbook:
      "Somebody tries access tokens one after another. Shut their address out where requests come in, and run pot tokens list: end with pot tokens revoke whatever need not be in force.",
  },
  {
    name: "permission-refused",
    occurrence: "permission-refused",
    severity: "warning",
    clearForMs: HOUR_MS,
    cause: "permission-refused",
    repeatMs: 6 * HOUR_MS,
    runbook:
      "A valid token asked for what its role may not do. Ask its owner; end it with pot tokens revoke if they do not know of it.",
  },
  {
    name: "access-trail-cut",
    occurrence: "access-trail-cut",
    severity: "critical",
    clearForMs: DAY_MS,
    cause: "access-trail-cut",
    runbook:
      "The trail of who did what is shorter than it was. Run pot log audit, keep a copy of the home folder as it is, and find out who may write there.",
  },
  {
    name: "contract-owner-changed",
    occurrence: "contract-owner-changed",
    severity: "critical",
    clearForMs: DAY_MS,
    cause: "contract-owner",
    runbook: OWNER_KEY_STOLEN,
  },
  {
    name: "contract-offered",
    occurrence: "contract-offered",
    severity: "error",
    clearForMs: DAY_MS,
    cause: "contract-owner",
    runbook: OWNER_KEY_STOLEN,
  },
  {
    name: "contract-pause-changed",
    occurrence: "contract-pause-changed",
    severity: "warning",
    clearForMs: HOUR_MS,
    cause: "contract-pause-changed",
    runbook:
      "Run pot contract check, and ask whoever owns the contract. That it is paused is an alert of its own.",
  },
  {
    name: "contract-retired",
    occurrence: "contract-retired",
    severity: "critical",
    clearForMs: DAY_MS,
    cause: "contract-retired",
    runbook:
      "The contract names a successor, which anchors follow, and nobody here did it. Run pot pause, then pot contract check against two endpoints, and ask whoever owns the contract.",
  },
  {
    name: "contract-code-changed",
    occurrence: "contract-code-changed",
    severity: "critical",
    clearForMs: DAY_MS,
    cause: "contract",
    runbook:
      "Code at an address does not change: an endpoint lies, or another chain answers. Run pot pause, then pot network test and pot contract check against endpoints of other providers.",
  },
  {
    name: "rpc-method-unexpected",
    occurrence: "rpc-method-unexpected",
    severity: "error",
    clearForMs: 6 * HOUR_MS,
    cause: "rpc",
    runbook:
      "This process asked an endpoint for a method that the released program never uses: it was changed, or code of yours runs in it. Compare the installed version with the released one.",
  },
  {
    name: "rpc-rate-unusual",
    occurrence: "rpc-rate-unusual",
    severity: "warning",
    clearForMs: 2 * HOUR_MS,
    cause: "rpc",
    runbook:
      "Far more requests than usual. Run pot jobs list for one that runs in a circle, pot network test for an endpoint that makes us ask again, and set POT_RPC_RATE.",
  },
];
