import type { AlertRule } from "../alert_rule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time_spans.ts";

/** The evidence itself, and its copies. */
export const EVIDENCE_RULES: readonly AlertRule[] = [
  {
    name: "log-writable",
    check: "log-writable",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "critical" },
    forMs: MINUTE_MS,
    cause: "log",
    missing: { afterMs: 15 * MINUTE_MS, severity: "error" },
    runbook:
      "Training is no longer recorded. Look at the disk of the home folder (space, permissions, read-only after an error), or at PostgreSQL where the log is there. Then record something: pot record checkpoint.",
  },
  {
    name: "audit",
    check: "audit",
    when: { status: "failed" },
    severity: "critical",
    cause: "audit",
    inhibits: ["reconciliation"],
    missing: { afterMs: 3 * DAY_MS, severity: "warning" },
    runbook:
      "Run pot log audit and read its findings from the top; docs/operations.md explains each code. Keep a copy of the home folder as it is before mending anything.",
  },
  {
    name: "reconciliation",
    check: "reconciliation",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "critical" },
    cause: "reconciliation",
    missing: { afterMs: 3 * DAY_MS, severity: "warning" },
    runbook:
      "Run pot log audit with --rpc of another provider. If the difference stays, the contract or this log was written to by somebody else: look at the findings anchor-extra-on-chain and anchor-missing-on-chain.",
  },
  {
    name: "backup",
    check: "backup",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    cause: "backup",
    groupBy: "subject",
    missing: { afterMs: 2 * DAY_MS, severity: "warning" },
    runbook:
      "Run pot jobs run backup and read why it fails: credentials, space or network of the target. Until then copy the home folder by hand.",
  },
  {
    name: "restore-drill",
    check: "restore-drill",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    cause: "restore-drill",
    runbook:
      "A backup that cannot be restored is none. Run pot jobs run restore-drill and read why it fails, then make a new backup with pot jobs run backup.",
  },
  {
    name: "job",
    check: "job",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    forMs: 5 * MINUTE_MS,
    cause: "job",
    groupBy: "subject",
    repeatMs: 12 * HOUR_MS,
    runbook:
      "Run pot jobs list for its last runs and the reason, then pot jobs run with its name to see it fail before your eyes.",
  },
  ...(["job-missed", "job-overrun", "job-crashed"] as const).map((name): AlertRule => ({
    name,
    occurrence: name,
    severity: name === "job-missed" ? "warning" : "info",
    clearForMs: HOUR_MS,
    // A daemon that was away missed runs of every job, and one that died crashed several: that is told once.
    ...(name === "job-overrun" ? { cause: "job", groupBy: "subject" as const } : { cause: name }),
    runbook:
      "Run pot jobs list for its runs: what was left undone is caught up by itself. If it happens again, give the job more time between its runs in pot.jsonc, or look at what slows this host down.",
  })),
];
