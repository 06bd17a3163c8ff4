import type { AlertRule } from "../alert_rule.ts";
import { HOUR_MS, MINUTE_MS } from "./time_spans.ts";

/** What cannot be known, or done, while no endpoint agrees with another. */
const NEEDS_THE_CHAIN = [
  "contract-code",
  "contract-paused",
  "contract-owner",
  "balance",
  "gas-price",
  "success-rate",
  "pending-age",
  "transaction-integrity",
  "transaction-stuck",
  "clock-skew",
  "reconciliation",
  "job:anchor",
  "job:confirm",
  "job:security",
  "job:transactions",
  "job:audit",
];

/** Endpoints, and the contract behind them. */
export const CHAIN_RULES: readonly AlertRule[] = [
  {
    name: "chain-unreachable",
    check: "quorum",
    when: { status: "failed" },
    severity: "critical",
    forMs: 2 * MINUTE_MS,
    clearForMs: 2 * MINUTE_MS,
    missing: { afterMs: 15 * MINUTE_MS, severity: "error" },
    cause: "endpoint",
    inhibits: [...NEEDS_THE_CHAIN, "endpoint-lag", "endpoint-slow", "quorum-thin"],
    runbook:
      "Run pot network test: it asks every endpoint and says what each answers. Where all fail, look at this host's network and the providers' status pages. Records go on being kept; the next anchor covers them. Add an endpoint in POT_RPC_URLS if it lasts.",
  },
  {
    name: "quorum-thin",
    check: "quorum",
    when: { status: "degraded" },
    severity: "warning",
    forMs: 5 * MINUTE_MS,
    clearForMs: 5 * MINUTE_MS,
    cause: "endpoint",
    runbook:
      "Run pot network test. Fewer endpoints are usable than finality should rest on, or none has a new block: replace the one that fails in POT_RPC_URLS, or wait for its provider, or for the chain.",
  },
  {
    name: "endpoint-down",
    check: "endpoint",
    when: { status: "failed" },
    severity: "warning",
    forMs: 3 * MINUTE_MS,
    clearForMs: 3 * MINUTE_MS,
    missing: { afterMs: 15 * MINUTE_MS, severity: "warning" },
    cause: "endpoint",
    inhibits: ["endpoint-lag", "endpoint-slow"],
    runbook:
      "Run pot network test. The others carry on. Look at the provider's status page and at the quota of its API key; take it out of POT_RPC_URLS if it stays away.",
  },
  {
    name: "endpoint-lag",
    check: "endpoint",
    when: { value: "lagBlocks", above: 20, clearBelow: 5 },
    severity: "warning",
    forMs: 5 * MINUTE_MS,
    clearForMs: 3 * MINUTE_MS,
    cause: "endpoint",
    runbook:
      "Run pot network test. This endpoint is behind the others and is asked last; nothing is lost. Tell its provider, or put another one into POT_RPC_URLS.",
  },
  {
    name: "endpoint-slow",
    check: "endpoint",
    when: { value: "p95Ms", above: 5_000, clearBelow: 2_000 },
    severity: "info",
    forMs: 15 * MINUTE_MS,
    clearForMs: 10 * MINUTE_MS,
    cause: "endpoint",
    runbook:
      "Run pot network test and compare times. Put a quicker endpoint first in POT_RPC_URLS, or leave it: the pool prefers the quick ones by itself.",
  },
  {
    name: "contract-code",
    check: "contract-code",
    when: { status: "failed" },
    severity: "critical",
    forMs: MINUTE_MS,
    missing: { afterMs: HOUR_MS, severity: "warning" },
    cause: "contract",
    inhibits: ["contract-paused", "contract-owner", "job:anchor", "pending-age"],
    runbook:
      "Run pot pause, so that nothing is sent to a contract that is not ours, then pot contract check against two endpoints. Compare CONTRACT_ADDRESS and CHAIN_ID with deployments/. Run pot resume once the right contract answers.",
  },
  {
    name: "contract-paused",
    check: "contract-paused",
    when: { status: "failed" },
    severity: "critical",
    forMs: MINUTE_MS,
    cause: "contract-paused",
    inhibits: ["job:anchor", "pending-age", "success-rate", "contract-pause-changed"],
    runbook:
      "Ask whoever owns the contract. If it was meant, run pot alerts silence contract-paused for as long as it takes; records are kept and the next anchor covers them. If nobody paused it, treat the owner's key as stolen: run pot contract check. End it with pot contract unpause.",
  },
  {
    name: "contract-owner",
    check: "contract-owner",
    when: { status: "degraded" },
    severity: { degraded: "error", failed: "critical" },
    cause: "contract-owner",
    runbook:
      "Run pot contract check: it names the owner, and who is about to become it. If that was not planned, treat the owner's key as stolen: run pot pause, and move to a contract of your own with pot contract migrate.",
  },
];
