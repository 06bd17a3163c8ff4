import type { Delivery } from "./alert_channel.ts";
import { shownReason } from "./post_json.ts";

/** What a mail library's error carries, as far as it is looked at. */
interface SmtpError {
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  /** The operating system's, such as `ECONNREFUSED`. */
  readonly originalCode?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly permanent?: boolean | undefined;
  readonly recipient?: string | undefined;
  readonly rejectedErrors?: readonly SmtpError[] | undefined;
}

/** Errors without a server's reply that will come again: what is configured is wrong. */
const LASTING: ReadonlySet<string> = new Set(["ENOAUTH", "ECONFIG", "EMESSAGE", "EMAXRECIPIENTS"]);

/** What it means that the server took a mail, maybe not for every recipient. */
export function deliveryOfSent(
  { rejectedErrors = [] }: { readonly rejectedErrors?: readonly SmtpError[] | undefined },
  secrets: readonly string[],
): Delivery {
  if (rejectedErrors.length === 0) return { outcome: "accepted" };
  const words = describeAll(rejectedErrors, secrets);
  // A server that asks to wait (greylisting) for one of them is asked again for that one.
  return rejectedErrors.every(isPermanent)
    ? { outcome: "accepted", note: words }
    : { outcome: "retry", reason: words };
}

/** What it means that a mail was not sent: 5yz replies will come again, all else may pass. */
export function deliveryOfSmtpError(thrown: unknown, secrets: readonly string[]): Delivery {
  const error: SmtpError = thrown instanceof Error ? thrown : { message: String(thrown) };
  const rejected = error.rejectedErrors ?? [];
  const isLasting = rejected.length > 0 ? rejected.every(isPermanent) : isPermanent(error);
  const reason = describeAll(rejected.length > 0 ? rejected : [error], secrets);
  return isLasting ? { outcome: "refused", reason } : { outcome: "retry", reason };
}

function isPermanent({ permanent, code, responseCode }: SmtpError): boolean {
  return responseCode === undefined ? LASTING.has(code ?? "") : permanent === true;
}

function describeAll(errors: readonly SmtpError[], secrets: readonly string[]): string {
  return shownReason(errors.map((error) => describe(error, secrets)).join("; "));
}

function describe(
  { message = "", code, originalCode = "unknown", recipient }: SmtpError,
  secrets: readonly string[],
): string {
  const words = `${code === undefined ? "" : `${code}: `}${message === "" ? originalCode : message}`;
  return shownReason(recipient === undefined ? words : `${recipient}: ${words}`, secrets);
}
