import { createHash } from "node:crypto";
import type { Observation, Occurrence } from "../../core/observation.ts";
import type { AlertRule } from "../alert_rule.ts";
import type { Seen } from "../alerts.ts";
import { admitAlert, takeTally, type Tally } from "./admit_alert.ts";
import type { AlertState } from "./alert_state.ts";
import { cleanDetails, cleanMessage, cleanSubject } from "./clean_text.ts";
import type { AlertContext } from "./context.ts";
import { hear, takeMissing } from "./hear.ts";
import { matchPattern } from "./match_pattern.ts";
import { fingerprintOf } from "./names.ts";
import { ownObservations } from "./own_observations.ts";
import { clear, raise } from "./step_alert.ts";
import { severityOf, weigh } from "./weigh.ts";

/** An occurrence that is handed in again and again is remembered anew once a day. */
const REMEMBER_MS = 86_400_000;

/** Weighs what was seen, what was not, and how the alerts' own delivery is. */
export function takeSeen(
  draft: AlertState,
  { observations = [], occurrences = [] }: Seen,
  context: AlertContext,
): void {
  const tally = takeTally(draft, context);
  const index = indexRules(context.rules.values());
  for (const observation of [...observations, ...ownObservations(draft, context)]) {
    const rules = index.get(`check ${observation.check}`) ?? [];
    if (rules.length > 0) takeObservation(draft, observation, { rules, context, tally });
  }
  for (const occurrence of occurrences) {
    const rules = index.get(`occurrence ${occurrence.name}`) ?? [];
    if (rules.length > 0 && isNew(draft, occurrence.id, context)) {
      takeOccurrence(draft, occurrence, { rules, context, tally });
    }
  }
  takeMissing(draft, { index, context, tally });
}

interface TakeOptions {
  readonly rules: readonly AlertRule[];
  readonly context: AlertContext;
  readonly tally: Tally;
}

function takeObservation(
  draft: AlertState,
  observation: Observation,
  { rules: all, context, tally }: TakeOptions,
): void {
  const { redact, origin, limits, nowMs } = context;
  const subject = cleanSubject(observation.subject, redact);
  const rules = all.filter((rule) => matchPattern(rule.subject ?? "*", subject));
  hear(draft, { observation, subject, rules, context, tally });
  for (const rule of rules) {
    const options = { rule, limits, nowMs };
    const known = draft.alerts[fingerprintOf(origin, rule.name, subject)];
    const isHeld = known?.phase === "firing" && known.clearSinceMs === undefined && known.isMissing !== true;
    const verdict = weigh(rule, observation, isHeld);
    if (verdict.kind === "fires") {
      const entry = admitAlert(draft, { rule, subject, context, tally });
      if (entry === undefined) continue;
      entry.severity = verdict.severity;
      entry.message = cleanMessage(observation.reason, redact);
      entry.details = cleanDetails({ ...observation.details, ...observation.values }, redact);
      delete entry.isMissing;
      raise(entry, options);
    } else if (known !== undefined && known.phase !== "resolved") {
      const isHeardAgain = known.isMissing === true && observation.status !== "unknown";
      if (verdict.kind === "holds" && !isHeardAgain) continue;
      known.well = cleanMessage(observation.reason, redact);
      clear(known, options);
    }
  }
}

function takeOccurrence(
  draft: AlertState,
  { subject: about, detail, atMs }: Occurrence,
  { rules, context, tally }: TakeOptions,
): void {
  const { redact, limits, nowMs } = context;
  const subject = cleanSubject(about, redact);
  for (const rule of rules) {
    if (!matchPattern(rule.subject ?? "*", subject)) continue;
    const entry = admitAlert(draft, { rule, subject, context, tally });
    if (entry === undefined) continue;
    const at = Number.isFinite(atMs) && Math.abs(atMs) < 8e15 ? new Date(atMs).toISOString() : "unknown";
    entry.severity = severityOf(rule.severity, "failed");
    entry.message = cleanMessage(detail, redact);
    entry.details = { "happened at": at };
    delete entry.isCovered;
    raise(entry, { rule, limits, nowMs, isSudden: true });
    // It is over as soon as it has happened: what is waited for is that it stays away.
    entry.clearSinceMs = nowMs;
  }
}

/** Whether that id was never handed in; remembers it. */
export function isNew(draft: AlertState, id: string, { limits, nowMs }: AlertContext): boolean {
  const key = createHash("sha256").update(id).digest("hex").slice(0, 20);
  const seenMs = draft.seen[key];
  if (seenMs !== undefined && nowMs - seenMs < REMEMBER_MS) return false;
  // Written anew, as the ones at the front are forgotten first.
  delete draft.seen[key];
  draft.seen[key] = nowMs;
  const keys = Object.keys(draft.seen);
  for (const old of keys.slice(0, Math.max(0, keys.length - limits.occurrences))) delete draft.seen[old];
  return seenMs === undefined;
}

function indexRules(rules: Iterable<AlertRule>): ReadonlyMap<string, readonly AlertRule[]> {
  const index = new Map<string, AlertRule[]>();
  for (const rule of rules) {
    const key = rule.check === undefined ? `occurrence ${rule.occurrence}` : `check ${rule.check}`;
    const found = index.get(key);
    if (found === undefined) index.set(key, [rule]);
    else found.push(rule);
  }
  return index;
}
