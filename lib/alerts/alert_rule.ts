import type { Severity } from "./severity.ts";

/** What makes an alert of what is observed, as data. */
export interface AlertRule {
  /** Lowercase letters, digits and `-`, up to 40; unique. */
  readonly name: string;
  /** Weighs observations of this check; a rule has this or `occurrence`, never both. */
  readonly check?: string;
  /** Weighs occurrences of this name. */
  readonly occurrence?: string;
  /** Only these subjects; `*` stands for anything. @default "*" */
  readonly subject?: string;
  /** When an observation fires it. @default { status: "degraded" } */
  readonly when?: StatusCondition | ValueCondition;
  /** One for all, or by the observation's status (one that is not named counts as the worst that is). */
  readonly severity: Severity | SeverityByStatus;
  /** So long must the condition hold before anybody is told. @default 0 */
  readonly forMs?: number;
  /** So long must all be well before it is resolved; of an occurrence, so long must it stay away. @default 0, of an occurrence 1 h */
  readonly clearForMs?: number;
  /** Fires where nothing was observed, or only `unknown`, for so long. @default absent data changes nothing */
  readonly missing?: MissingData;
  /** What is wrong where this rule fires: alerts of one cause are one incident. @default the rule's name */
  readonly cause?: string;
  /** Whether every subject of the cause is an incident of its own. @default "cause" */
  readonly groupBy?: "cause" | "subject";
  /** Rules and causes that say nothing new while this one fires. */
  readonly inhibits?: readonly string[];
  /** An open incident is told again after so long. @default 4 h of an error or worse, else 24 h */
  readonly repeatMs?: number;
  /** A critical one that nobody acknowledged is escalated after so long. @default 15 min */
  readonly escalateAfterMs?: number;
  /** Only these channels, by name. @default every one whose minimum severity it reaches */
  readonly channels?: readonly string[];
  /** The first step to try, with commands that exist. */
  readonly runbook: string;
}

/**
 * Fires from a status on: `failed` on that alone, `degraded` also on that, `unknown` on everything but `ok`. Where `unknown` does not
 * fire it neither clears: nobody could look.
 */
export interface StatusCondition {
  /** From here on. */
  readonly status: "degraded" | "failed" | "unknown";
}

/**
 * Compares one of an observation's values, with hysteresis: fires above (or below) the one limit, clears below (or above) the other.
 * An observation without that value says nothing; where its status is `ok`, it clears.
 */
export type ValueCondition =
  | { readonly value: string; readonly above: number; readonly clearBelow?: number }
  | { readonly value: string; readonly below: number; readonly clearAbove?: number };

/** How bad it is, by the observation's status. */
export type SeverityByStatus = Readonly<Partial<Record<"degraded" | "failed" | "unknown", Severity>>>;

/** When the absence of observations is an alert. */
export interface MissingData {
  /** So long nothing was known. */
  readonly afterMs: number;
  /** How bad it is. */
  readonly severity: Severity;
}
