import type { EndpointFailure } from "./chain_error.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * How long to wait before the endpoints are asked once more: it doubles from round to round, or is as long as one of them asks
 * with Retry-After, never above a bound. `round` from 1.
 */
export function roundPauseMs(round: number, failures: Iterable<EndpointFailure>): number {
  const asked = [...failures].map(({ failure }) => failure.isRetryable ? failure.retryAfterMs ?? 0 : 0);
  return Math.min(Math.max(FIRST_PAUSE_MS * 2 ** (round - 1), ...asked), LONGEST_PAUSE_MS);
}
