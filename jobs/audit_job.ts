import type { Clock } from "../lib/core/clock.ts";
import type { HealthStatus } from "../lib/core/observation.ts";
import type { AuditReport } from "../lib/recorder/audit_log.ts";
import type { Job } from "./job.ts";

const STATUSES: Readonly<Record<AuditReport["outcome"], HealthStatus>> = {
  clean: "ok",
  mismatch: "failed",
  unknown: "unknown",
};

/** Audits the log and everything kept beside it (`audit`), and holds it against the contract, both ways (`reconciliation`). */
export function auditJob(
  audit: (options: { readonly signal: AbortSignal }) => Promise<AuditReport>,
  clock: Pick<Clock, "now">,
): Job {
  return {
    name: "audit",
    schedule: "17 3 * * *",
    timeoutMs: 2 * 3_600_000,
    async run(signal) {
      const report = await audit({ signal });
      const reason = reasonOf(report);
      const { findings, areas, outcome, size } = report;
      const contract = areas.find(({ area }) => area === "contract");
      const atMs = clock.now();
      return {
        summary: reason,
        observations: [
          {
            check: "audit",
            status: STATUSES[outcome],
            reason,
            values: { findingCount: countOf(findings), recordCount: size },
            details: Object.fromEntries(areas.map((part) => [part.area, `${part.outcome}: ${part.detail}`])),
            atMs,
          },
          ...(contract === undefined || contract.outcome === "skipped" ? [] : [{
            check: "reconciliation",
            status: STATUSES[contract.outcome === "ok" ? "clean" : contract.outcome],
            reason: contract.detail,
            values: { differenceCount: countOf(findings.filter(({ area }) => area === "contract")) },
            atMs,
          }]),
        ],
      };
    },
  };
}

function reasonOf({ outcome, findings, unknown, areas, size }: AuditReport): string {
  if (outcome === "mismatch") {
    const codes = findings.map(({ code }) => code);
    const more = codes.length > 3 ? `, and ${codes.length - 3} other kinds` : "";
    return `${countOf(findings)} findings: ${codes.slice(0, 3).join(", ")}${more}`;
  }
  if (outcome === "unknown") return unknown[0] ?? "something could not be told";
  return `${size} records, ${areas.filter((part) => part.outcome === "ok").length} areas, nothing found`;
}

function countOf(findings: AuditReport["findings"]): number {
  return findings.reduce((sum, { count }) => sum + count, 0);
}
