import { createHash } from "node:crypto";
import type { AlertRule } from "../alert_rule.ts";

/** Digits of a digest in a name: 48 bits tell apart whatever one installation ever looks at. */
const DIGITS = 12;

/**
 * An alert's name, the same across restarts and hosts: `endpoint-down-3f6c0a91b2d4`, the rule and a digest of installation, rule and
 * subject. Printable ASCII, at most 53 characters.
 */
export function fingerprintOf(origin: string, rule: string, subject: string): string {
  return `${rule}-${digestOf(origin, rule, subject)}`;
}

/** What an alert is grouped by: its cause, and its subject where each is an incident of its own. */
export function groupOf({ name, cause = name, groupBy }: AlertRule, subject: string): string {
  return groupBy === "subject" ? `${cause} ${subject}` : cause;
}

/**
 * An incident's key: cause, a digest of installation and group, and when it was opened. Two incidents of one group have two keys, so
 * that the end of the earlier one never ends the later one. Printable ASCII, at most 80 characters.
 */
export function incidentKeyOf(
  origin: string,
  group: string,
  { openedMs, sequence }: { readonly openedMs: number; readonly sequence: number },
): string {
  const [cause = ""] = group.split(" ");
  return `${cause}-${digestOf(origin, group)}-${openedMs.toString(36)}.${sequence.toString(36)}`;
}

/** Twelve hex digits that stand for these texts. */
export function digestOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, DIGITS);
}
