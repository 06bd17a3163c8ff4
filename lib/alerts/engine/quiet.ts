import type { AlertEntry, AlertState, Silence } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { matchPattern } from "./match_pattern.ts";

/** Why an alert is not told. */
export type Quiet =
  | { readonly kind: "inhibited"; readonly by: string }
  | { readonly kind: "silenced"; readonly silence: Silence };

/** Finds out of each alert why it is not told, `undefined` where it is. */
export function findQuiet(
  state: Pick<AlertState, "alerts" | "silences">,
  context: AlertContext,
): (entry: AlertEntry) => Quiet | undefined {
  const silences = activeSilences(state, context);
  const inhibited = inhibitedNames(state, context);
  return (entry) => {
    const silence = silences.find((each) => covers(each, entry, context));
    if (silence !== undefined) return { kind: "silenced", silence };
    const by = namesOf(entry, context).map((name) => inhibited.get(name)).find((name) => name !== undefined);
    return by === undefined ? undefined : { kind: "inhibited", by };
  };
}

/** Those whose time it is, of the document and of the configuration. */
export function activeSilences(
  { silences }: Pick<AlertState, "silences">,
  { maintenance, nowMs }: Pick<AlertContext, "maintenance" | "nowMs">,
): readonly Silence[] {
  return [...silences, ...maintenance].filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
}

function covers(
  { rule, subject, fingerprint }: Silence,
  entry: AlertEntry,
  { rules }: AlertContext,
): boolean {
  if (fingerprint !== undefined && fingerprint !== entry.fingerprint) return false;
  if (subject !== undefined && !matchPattern(subject, entry.subject)) return false;
  if (rule === undefined) return fingerprint !== undefined || subject !== undefined;
  const cause = rules.get(entry.rule)?.cause;
  return matchPattern(rule, entry.rule) || (cause !== undefined && matchPattern(rule, cause));
}

/**
 * What is quiet as its cause is told, and the rule that tells it. A cause counts from its first sign on, and for a while after its
 * end: its consequences are looked at at other times than itself.
 */
function inhibitedNames(
  { alerts }: Pick<AlertState, "alerts">,
  { rules, limits, nowMs }: AlertContext,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { rule, phase, resolvedMs, fires } of Object.values(alerts)) {
    const isPast = phase === "resolved" &&
      (fires.length === 0 || nowMs - (resolvedMs ?? 0) >= limits.lingerMs);
    if (isPast) continue;
    for (const name of rules.get(rule)?.inhibits ?? []) if (!names.has(name)) names.set(name, rule);
  }
  return names;
}

/** How other rules may call it. */
function namesOf({ rule, subject }: AlertEntry, { rules }: AlertContext): readonly string[] {
  const cause = rules.get(rule)?.cause ?? rule;
  return [rule, cause, `${rule}:${subject}`, `${cause}:${subject}`];
}
