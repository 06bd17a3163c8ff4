import type { AlertRule } from "../alert_rule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time_spans.ts";

/** What the key sends, and what the chain makes of it. */
export const TRANSACTION_RULES: readonly AlertRule[] = [
  {
    name: "pending-age",
    check: "pending-age",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    forMs: 5 * MINUTE_MS,
    cause: "pending-age",
    missing: { afterMs: HOUR_MS, severity: "warning" },
    runbook:
      "Run pot anchor by hand: it says why it cannot. Then pot status and pot tx list: a pause, a fee above the cap or a stuck transaction are the usual reasons.",
  },
  {
    name: "success-rate",
    check: "success-rate",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    forMs: 10 * MINUTE_MS,
    clearForMs: 10 * MINUTE_MS,
    cause: "success-rate",
    runbook:
      "Run pot tx list for the transactions without effect, then pot contract check: a paused or wrong contract makes them fail. Run pot pause if they cost money for nothing.",
  },
  {
    name: "transaction-volume",
    check: "transaction-volume",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    cause: "transaction-volume",
    repeatMs: DAY_MS,
    runbook:
      "Run pot tx list and compare with what was trained. More than usual without more training: run pot pause and look for who else uses the key. Set POT_DAILY_TRANSACTIONS, so that the next surprise stops by itself.",
  },
  {
    name: "transaction-integrity",
    check: "transaction-integrity",
    when: { status: "failed" },
    severity: "critical",
    forMs: 2 * MINUTE_MS,
    cause: "transaction-integrity",
    runbook:
      "Run pot log audit: it compares every anchor with the contract. Ask another endpoint with --rpc before believing it. If it stays, keep a copy of the home folder as it is before mending anything.",
  },
  {
    name: "transaction-stuck",
    check: "transaction-stuck",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    forMs: 5 * MINUTE_MS,
    cause: "transaction-stuck",
    inhibits: ["pending-age"],
    runbook:
      "Run pot tx list, then pot tx speed-up with its nonce; where the cap stands in the way, raise POT_MAX_FEE_GWEI first. pot tx cancel gives the nonce up instead.",
  },
  {
    name: "deadline-passed",
    occurrence: "deadline-passed",
    severity: "error",
    clearForMs: 6 * HOUR_MS,
    cause: "deadline-passed",
    runbook:
      "A record waited longer for its anchor than POT_ANCHOR_WITHIN allows. Run pot anchor, then pot tx list: the fee cap or the budget usually stands in the way.",
  },
  {
    name: "foreign-transaction",
    occurrence: "foreign-transaction",
    severity: "critical",
    clearForMs: DAY_MS,
    cause: "foreign-transaction",
    inhibits: ["transaction-volume"],
    runbook:
      "Somebody else signs with this key. Run pot pause at once. If it was not a colleague, make a new key with pot keys new, hand the contract over with pot contract transfer, and empty the old account.",
  },
  {
    name: "fee-capped",
    occurrence: "fee-capped",
    severity: "warning",
    clearForMs: 6 * HOUR_MS,
    cause: "gas-price",
    runbook:
      "A transaction that waits would have to pay more than the cap to get on. Run pot tx list; wait for a calmer market, or raise POT_MAX_FEE_GWEI and run pot tx speed-up with its nonce.",
  },
  {
    name: "not-signed",
    occurrence: "not-signed",
    severity: "warning",
    clearForMs: HOUR_MS,
    cause: "not-signed",
    runbook:
      "A transaction that waits should be sent again for a higher fee, and who holds the key did not sign that. Run pot tx list; look at the signer, then run pot tx speed-up with its nonce.",
  },
  {
    name: "nonce-gap-filled",
    occurrence: "nonce-gap-filled",
    severity: "warning",
    clearForMs: HOUR_MS,
    cause: "nonce-gap-filled",
    runbook:
      "A transaction was lost by every endpoint, and its nonce was used up so that later ones get on. Run pot tx list; its records go into the next anchor. Run pot network test if it happens again.",
  },
  {
    name: "reorganised",
    occurrence: "reorganised",
    severity: "info",
    clearForMs: HOUR_MS,
    cause: "reorganised",
    runbook:
      "Nothing to do unless it goes on: what fell out of the chain is sent again. Run pot status; raise POT_CONFIRMATIONS if it happens often.",
  },
  {
    name: "finality-violated",
    occurrence: "finality-violated",
    severity: "critical",
    clearForMs: DAY_MS,
    cause: "finality-violated",
    inhibits: ["reorganised", "transaction-integrity"],
    runbook:
      "A block that was final is not in the chain any more, or an endpoint lies. Run pot pause, then pot network test, and verify a proof with pot verify against endpoints of other providers. Run pot resume once they agree.",
  },
];
