import type { Clock } from "../lib/core/clock.ts";
import { PotError, UnreachableError, UsageError } from "../lib/core/errors.ts";
import type { HealthStatus, Observation } from "../lib/core/observation.ts";
import type { RehearsedRestore } from "../lib/runtime/rehearse_restore.ts";
import type { Job } from "./job.ts";

export interface RestoreDrillJobDeps {
  /** Restores the newest verified backup aside, and audits it with the chain. */
  readonly rehearse: (options: { readonly signal: AbortSignal }) => Promise<RehearsedRestore>;
  readonly clock: Pick<Clock, "now">;
}

const DAY_MS = 24 * 3_600_000;
/** A week and a day: then backups are no longer made. */
const OVERDUE_MS = 8 * DAY_MS;

const STATUSES: Readonly<Record<RehearsedRestore["audit"]["outcome"], HealthStatus>> = {
  clean: "ok",
  mismatch: "failed",
  unknown: "unknown",
};

/** Restores the newest verified backup into a folder of its own, replays it and compares every anchored record with the chain. */
export function restoreDrillJob({ rehearse, clock }: RestoreDrillJobDeps): Job {
  return {
    name: "restore-drill",
    schedule: "23 4 * * 0",
    timeoutMs: 6 * 3_600_000,
    async run(signal) {
      const observation = await look(signal);
      return { summary: observation.reason, observations: [observation] };
    },
  };

  async function look(signal: AbortSignal): Promise<Observation> {
    try {
      const { found: { backup, target }, audit } = await rehearse({ signal });
      const atMs = clock.now();
      const ageMs = Math.max(0, atMs - Date.parse(backup.note.createdAt));
      const status = STATUSES[audit.outcome];
      const anchors = audit.areas.find(({ area }) => area === "contract");
      const reason = audit.outcome === "mismatch"
        ? `what was restored has findings: ${audit.findings.slice(0, 3).map(({ code }) => code).join(", ")}`
        : audit.outcome === "unknown"
        ? audit.unknown[0] ?? "something could not be told"
        : `${audit.size} records restored from ${target.name}, nothing found`;
      return {
        check: "restore-drill",
        status: status === "ok" && ageMs > OVERDUE_MS ? "degraded" : status,
        reason,
        values: { ageMs },
        details: { backup: backup.name, chain: anchors?.detail ?? "not asked" },
        atMs,
      };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PotError)) throw error;
      // Without the identity, or without an answer, nobody knows whether it can be restored.
      const isUnknown = error instanceof UnreachableError || error instanceof UsageError;
      return {
        check: "restore-drill",
        status: isUnknown ? "unknown" : "failed",
        reason: [error.message, ...error.facts.slice(-1)].join("; "),
        atMs: clock.now(),
      };
    }
  }
}
