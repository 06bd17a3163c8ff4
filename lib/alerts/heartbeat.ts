import { httpRequest } from "../io/http_request.ts";
import type { Delivery } from "./alert_channel.ts";
import { deliveryOfStatus, failureReason, type HttpChannelOptions, retryAfter } from "./post_json.ts";

/**
 * Pings a dead-man URL: the service behind it (such as healthchecks.io) alerts by itself when the pings stay away, which is how a
 * daemon that is gone is noticed. One GET, one try.
 *
 * @throws the signal's reason, when it aborts
 */
export async function sendHeartbeat(
  url: string,
  { signal, timeoutMs = 15_000, fetch }: HttpChannelOptions & { readonly signal: AbortSignal },
): Promise<Delivery> {
  try {
    const { status, headers } = await httpRequest(url, {
      timeoutMs,
      maxBytes: 65_536,
      signal,
      ...(fetch && { fetch }),
    });
    return deliveryOfStatus({ status, text: "", ...retryAfter(headers) });
  } catch (error) {
    return { outcome: "retry", reason: failureReason(error, signal) };
  }
}
