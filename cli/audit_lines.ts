import type { AuditFindings } from "../lib/log/audit_findings.ts";
import type { AuditedArea, AuditReport } from "../lib/recorder/audit_log.ts";
import { count } from "../lib/core/count.ts";

const MARKS: Readonly<Record<AuditedArea["outcome"], string>> = {
  ok: "ok  ",
  mismatch: "FAIL",
  unknown: "?   ",
  skipped: "-   ",
};

/** An audit as a person reads it: what was looked at, then what is wrong, what it means and what to do. */
export function auditLines(audit: AuditReport): readonly string[] {
  const { outcome, origin, size, root, block, areas, findings, unknown, notes } = audit;
  return [
    `audited ${origin}: ${count(size, "record")}, root ${root}`,
    ...(block === undefined ? [] : [`  ${block.chainId} at block ${block.number}`]),
    ...areas.map(({ area, outcome, detail }) => `  ${MARKS[outcome]}  ${area.padEnd(14)} ${detail}`),
    ...notes.map((note) => `note: ${note}`),
    ...findings.flatMap(findingLines),
    ...unknown.map((what) => `could not tell: ${what}`),
    CONCLUSIONS[outcome],
  ];
}

function findingLines({ code, count: total, meaning, advice, examples }: AuditFindings): readonly string[] {
  const more = total - examples.length;
  return [
    "",
    `${code} (${total})`,
    ...examples.map(({ where, detail }) => `  ${where}: ${detail}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    `  means: ${meaning}`,
    `  → ${advice}`,
  ];
}

const CONCLUSIONS: Readonly<Record<AuditReport["outcome"], string>> = {
  clean: "clean: everything agrees",
  mismatch: "MISMATCH: see above, and keep everything as it is until it is understood",
  unknown: "could not tell everything: what was looked at agrees",
};
