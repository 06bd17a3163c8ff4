import type { HealthStatus, Observation } from "../../core/observation.ts";
import type { AlertRule, SeverityByStatus } from "../alert_rule.ts";
import { isAtLeast, parseSeverity, type Severity } from "../severity.ts";

/** What an observation means to a rule. */
export type Verdict =
  | { readonly kind: "fires"; readonly severity: Severity }
  | { readonly kind: "clears" }
  /** It says nothing: all stays as it is. */
  | { readonly kind: "holds" };

/** From the status that fires least to the one that fires most. */
const FIRES_ON: Readonly<Record<"degraded" | "failed" | "unknown", readonly HealthStatus[]>> = {
  failed: ["failed"],
  degraded: ["degraded", "failed"],
  unknown: ["degraded", "failed", "unknown"],
};

/** Holds an observation against a rule; `isFiring` matters between a value's two limits. */
export function weigh(
  { when = { status: "degraded" }, severity }: AlertRule,
  { status, values }: Pick<Observation, "status" | "values">,
  isFiring: boolean,
): Verdict {
  const fires: Verdict = { kind: "fires", severity: severityOf(severity, status) };
  if ("status" in when) {
    if (FIRES_ON[when.status].includes(status)) return fires;
    return { kind: status === "unknown" ? "holds" : "clears" };
  }
  const value = values?.[when.value];
  // What is well without the number, such as a balance that nothing draws on, is well.
  if (value === undefined || !Number.isFinite(value)) return { kind: status === "ok" ? "clears" : "holds" };
  if ("above" in when) {
    if (value > when.above) return fires;
    return isFiring && value >= (when.clearBelow ?? when.above) && when.clearBelow !== undefined
      ? fires
      : { kind: "clears" };
  }
  if (value < when.below) return fires;
  return isFiring && when.clearAbove !== undefined && value <= when.clearAbove ? fires : { kind: "clears" };
}

/** How bad that is; a status that the rule does not name counts as the worst that it names. */
export function severityOf(severity: Severity | SeverityByStatus, status: HealthStatus): Severity {
  if (typeof severity !== "object") return parseSeverity(severity);
  const named = status === "ok" ? undefined : severity[status];
  return named === undefined ? worstOf(Object.values(severity)) : parseSeverity(named);
}

/** The worst of them; of none, the worst there is. */
export function worstOf(severities: readonly Severity[]): Severity {
  const [first, ...rest] = severities.map(parseSeverity);
  if (first === undefined) return "critical";
  return rest.reduce((worst, severity) => (isAtLeast(severity, worst) ? severity : worst), first);
}
