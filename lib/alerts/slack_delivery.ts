import type { Delivery } from "./alert_channel.ts";
import { shownReason } from "./post_json.ts";

/** What passes by itself; whatever else Slack answers will be answered again. */
const PASSING: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "request_timeout",
  "service_unavailable",
  "team_added_to_org",
  "org_login_required",
  "update_failed",
  "rollup_error",
]);

/** What to do, for the answers whose names alone do not say it. */
const ADVICE: Readonly<Record<string, string>> = {
  invalid_auth: "the token is wrong",
  not_authed: "the token is missing",
  token_revoked: "the token was revoked",
  token_expired: "the token has expired",
  account_inactive: "the app was removed from the workspace",
  missing_scope: "the app needs the scope chat:write",
  channel_not_found: "there is no such channel, or it is private and the app is not in it",
  not_in_channel: "invite the app into the channel",
  is_archived: "the channel is archived",
};

/** Something between us and Slack answered, such as a proxy with a page of its own. */
export const NOT_SLACK: Delivery = { outcome: "retry", reason: "the answer is not one of Slack's" };

/** What an error's name in Slack's answer means. */
export function deliveryOfSlackError(
  name: string,
  { retryAfterMs, secrets }: { readonly retryAfterMs?: number; readonly secrets: readonly string[] },
): Delivery {
  if (!/^[a-z][a-z0-9_]{0,79}$/.test(name)) return NOT_SLACK;
  const advice = ADVICE[name];
  const reason = shownReason(advice === undefined ? name : `${name}: ${advice}`, secrets);
  if (!PASSING.has(name)) return { outcome: "refused", reason };
  return { outcome: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
