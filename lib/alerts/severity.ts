/** How bad it is, the least first. */
export const SEVERITIES = ["info", "warning", "error", "critical"] as const;

/** How bad it is: `critical` wakes people. */
export type Severity = (typeof SEVERITIES)[number];

/** What that word means; an unknown one counts as the worst, so that a slip of the pen never silences anything. */
export function parseSeverity(text: unknown): Severity {
  return SEVERITIES.find((severity) => severity === text) ?? "critical";
}

/** Whether it is as bad as that, or worse. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}
