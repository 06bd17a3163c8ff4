import type { Observation } from "../../core/observation.ts";
import type { AlertRule } from "../alert_rule.ts";
import { admitAlert, type Tally } from "./admit_alert.ts";
import type { AlertState } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { matchPattern } from "./match_pattern.ts";
import { fingerprintOf } from "./names.ts";
import { raise, resolve } from "./step_alert.ts";
import { worstOf } from "./weigh.ts";

/** Times are renewed only when they are so much of the shortest patience old: a look that changes nothing writes nothing. */
const RENEWED_AT = 1 / 4;

/** Notes that something was heard of a subject. `unknown` is no news: nobody could look. */
export function hear(
  draft: AlertState,
  { observation, subject, rules, context, tally }: {
    readonly observation: Pick<Observation, "check" | "status">;
    readonly subject: string;
    readonly rules: readonly AlertRule[];
    readonly context: AlertContext;
    readonly tally: Tally;
  },
): void {
  const { limits, nowMs } = context;
  const key = `${observation.check} ${subject}`;
  const heardMs = draft.heard[key];
  if (heardMs === undefined) {
    // More subjects than these are weighed like any other, but not missed.
    if (tally.heard >= limits.heard) return;
    draft.heard[key] = nowMs;
    tally.heard++;
  } else if (observation.status !== "unknown") {
    const patienceMs = Math.min(limits.forgetMs, ...rules.flatMap(({ missing }) => missing?.afterMs ?? []));
    if (nowMs - heardMs >= patienceMs * RENEWED_AT) draft.heard[key] = nowMs;
  }
}

/** Raises what was not heard of for too long, and lets go of what nobody looks at any more. */
export function takeMissing(
  draft: AlertState,
  { index, context, tally }: {
    readonly index: ReadonlyMap<string, readonly AlertRule[]>;
    readonly context: AlertContext;
    readonly tally: Tally;
  },
): void {
  const { limits, nowMs, startedMs, origin, isWatched } = context;
  for (const [key, heardMs] of Object.entries(draft.heard)) {
    const space = key.indexOf(" ");
    const subject = key.slice(space + 1);
    const check = key.slice(0, space);
    const all = index.get(`check ${check}`) ?? [];
    const rules = all.filter((rule) => matchPattern(rule.subject ?? "*", subject));
    const silentMs = nowMs - Math.max(heardMs, startedMs);
    const isOver = !isWatched(check, subject);
    if (rules.length === 0 || isOver || silentMs > limits.forgetMs) {
      delete draft.heard[key];
      for (const rule of rules) {
        const entry = draft.alerts[fingerprintOf(origin, rule.name, subject)];
        if (entry === undefined || entry.phase === "resolved") continue;
        entry.well = isOver
          ? "it is not looked at any more, as this installation is configured"
          : "nobody looked at it for a long time; it is followed no longer";
        resolve(entry, nowMs);
      }
      continue;
    }
    for (const rule of rules) {
      // The time may be up to a quarter of that older than the last news.
      if (rule.missing === undefined || silentMs <= rule.missing.afterMs * (1 + RENEWED_AT)) continue;
      const entry = admitAlert(draft, { rule, subject, context, tally });
      if (entry === undefined || entry.isMissing) continue;
      const before = entry.phase === "firing" ? `; before: ${entry.message}` : "";
      entry.severity = worstOf(
        entry.phase === "firing" ? [entry.severity, rule.missing.severity] : [rule.missing.severity],
      );
      entry.message = `nothing is known since ${new Date(heardMs).toISOString()}${before}`;
      entry.details = {};
      raise(entry, { rule, limits, nowMs, isSudden: true });
      entry.isMissing = true;
    }
  }
}
