import { UsageError } from "../../core/errors.ts";
import type { NewSilence } from "../alerts_admin.ts";
import type { AlertState, Silence } from "./alert_state.ts";
import { cleanMessage } from "./clean_text.ts";
import type { AlertContext } from "./context.ts";

const LONGEST_MS = 90 * 86_400_000;
const MOST = 500;

/** Adds a silence from now on. */
export function addSilence(
  draft: AlertState,
  { rule, subject, fingerprint, forMs, reason, by }: NewSilence,
  { nowMs, redact }: Pick<AlertContext, "nowMs" | "redact">,
): Silence {
  if (rule === undefined && subject === undefined && fingerprint === undefined) {
    throw refuse("it names neither a rule, a subject nor a fingerprint");
  }
  if (reason.trim() === "") throw refuse("it gives no reason");
  if (!(forMs > 0) || forMs > LONGEST_MS) throw refuse("it must end, within 90 days from now");
  if (draft.silences.length >= MOST) throw refuse(`there are ${MOST} already`);
  draft.sequence++;
  const silence: Silence = {
    id: `s${draft.sequence.toString(36)}`,
    ...(rule === undefined ? {} : { rule }),
    ...(subject === undefined ? {} : { subject }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    reason: cleanMessage(reason, redact),
    by: cleanMessage(by, redact),
    fromMs: nowMs,
    untilMs: nowMs + forMs,
  };
  draft.silences.push(silence);
  return silence;
}

function refuse(why: string): UsageError {
  return new UsageError(`Cannot add the silence as ${why}`, {
    hint: "write it like: pot alerts silence endpoint-down --for 2h --reason 'provider moves house'",
  });
}
