import type { Clock } from "../lib/core/clock.ts";
import type { AuditReport } from "../lib/recorder/audit_log.ts";
import type { Job } from "./job.ts";

/** Audits the log and everything kept beside it, and holds it against the contract, both ways. */
export function auditJob(
  audit: (options: { readonly signal: AbortSignal }) => Promise<AuditReport>,
  clock: Pick<Clock, "now">,
): Job {
  return {
    name: "audit",
    schedule: "17 3 * * *",
    timeoutMs: 2 * 3_600_000,
    async run(signal) {
      const { outcome, size, findings, unknown, areas } = await audit({ signal });
      const count = findings.reduce((sum, finding) => sum + finding.count, 0);
      const named = findings.slice(0, 3).map(({ code }) => code).join(", ");
      const reason = outcome === "mismatch"
        ? `${count} findings: ${named}`
        : outcome === "unknown"
        ? unknown[0] ?? "something could not be told"
        : `${size} records, ${areas.filter((area) => area.outcome === "ok").length} areas, nothing found`;
      return {
        summary: reason,
        observations: [{
          check: "audit",
          status: outcome === "clean" ? "ok" : outcome === "mismatch" ? "failed" : "unknown",
          reason,
          values: { findings: count, records: size },
          details: Object.fromEntries(
            areas.map(({ area, outcome, detail }) => [area, `${outcome}: ${detail}`]),
          ),
          atMs: clock.now(),
        }],
      };
    },
  };
}
