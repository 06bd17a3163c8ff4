import type { Clock } from "../../lib/core/clock.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";

/** The machine's clock, so many times as fast since that moment: processes that are told the same agree on the time. */
export function createFastClock(
  { factor, sinceMs }: { readonly factor: number; readonly sinceMs: number },
): Clock {
  return {
    now: () => Math.floor(sinceMs + (systemClock.now() - sinceMs) * factor),
    sleep: (ms, options) => systemClock.sleep(ms / factor, options),
  };
}
