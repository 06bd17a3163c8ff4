import type { AlertRule } from "../alert_rule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time_spans.ts";

/** The machine that the daemon runs on. */
export const HOST_RULES: readonly AlertRule[] = [
  {
    name: "disk-space",
    check: "disk-space",
    when: { value: "freeRatio", below: 0.1, clearAbove: 0.15 },
    severity: "warning",
    forMs: 5 * MINUTE_MS,
    cause: "disk-space",
    repeatMs: DAY_MS,
    missing: { afterMs: HOUR_MS, severity: "warning" },
    runbook:
      "Free space on the disk of the home folder. Nothing in the home folder may be deleted by hand; what can go are old training checkpoints, logs and packages elsewhere on the disk.",
  },
  {
    name: "disk-full",
    check: "disk-space",
    when: { status: "failed" },
    severity: "critical",
    cause: "disk-space",
    inhibits: ["log"],
    runbook:
      "Recording stops when the disk is full. Free space now, elsewhere on the disk: nothing in the home folder may be deleted by hand. Then run pot status.",
  },
  {
    name: "clock-skew",
    check: "clock-skew",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    forMs: 5 * MINUTE_MS,
    clearForMs: 5 * MINUTE_MS,
    cause: "clock-skew",
    runbook:
      "Set this host's clock by NTP (timedatectl status, chronyc tracking). The times in records are this clock's; what was recorded meanwhile keeps the wrong ones, and pot runs shows where they jump.",
  },
  {
    name: "clock-skew-told",
    occurrence: "clock-skew",
    severity: "warning",
    clearForMs: HOUR_MS,
    cause: "clock-skew",
    runbook:
      "Set this host's clock by NTP (timedatectl status, chronyc tracking): the sender had to work around it.",
  },
  {
    name: "expiry-near",
    check: "expiry",
    when: { value: "daysLeft", below: 21, clearAbove: 30 },
    severity: "warning",
    cause: "expiry",
    groupBy: "subject",
    repeatMs: 3 * DAY_MS,
    runbook:
      "Renew what the subject names before the day that the message says. An access token is replaced with pot tokens new, a log key rotated with pot log rotate, a signing key with pot keys rotate.",
  },
  {
    name: "expired",
    check: "expiry",
    when: { status: "failed" },
    severity: "error",
    cause: "expiry",
    groupBy: "subject",
    runbook:
      "Renew what the subject names now. An access token is replaced with pot tokens new, a log key rotated with pot log rotate, a signing key with pot keys rotate; a certificate by whoever gave it out.",
  },
  {
    name: "watchdog",
    check: "watchdog",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    forMs: 10 * MINUTE_MS,
    cause: "watchdog",
    missing: { afterMs: HOUR_MS, severity: "warning" },
    runbook:
      "The service that should notice this daemon's death heard nothing from it. Run pot jobs run watchdog and read why: its address, its certificate or this host's network.",
  },
];
