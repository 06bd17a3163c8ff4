import type { Seen } from "../lib/alerts/alerts.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { Redact } from "../lib/core/redact.ts";
import { errorLine } from "./error_line.ts";
import { atMost } from "./execute_job.ts";

/** Hands over what was seen, in order; what could not be taken goes along with the next. */
export interface Teller {
  /** Never rejects. */
  tell(seen: Seen): Promise<void>;
}

/** Jobs must go on, whatever becomes of those who are told. */
const PATIENCE_MS = 60_000;

/** Kept while nobody takes them. */
const MOST_WAITING = 1_000;

/** Makes a teller of somebody who takes what was seen. */
export function createTeller(
  take: (seen: Seen) => Promise<void>,
  { clock, log, redact }: {
    readonly clock: Clock;
    readonly log: (line: string) => void;
    readonly redact: Redact;
  },
): Teller {
  let waiting: Required<Seen> = { observations: [], occurrences: [] };
  let last = Promise.resolve();
  let isTrouble = false;

  async function handOver(seen: Seen): Promise<void> {
    const all = {
      // Of one thing the newest observation is enough, yet what it was in between may be of interest: so many are kept.
      observations: [...waiting.observations, ...seen.observations ?? []].slice(-MOST_WAITING),
      occurrences: [...waiting.occurrences, ...seen.occurrences ?? []].slice(-MOST_WAITING),
    };
    waiting = { observations: [], occurrences: [] };
    if (all.observations.length === 0 && all.occurrences.length === 0) return;
    try {
      const isTaken = await atMost(take(all), { ms: PATIENCE_MS, clock });
      if (!isTaken) throw new Error("nobody answered for a minute");
      isTrouble = false;
    } catch (error) {
      waiting = all;
      if (!isTrouble) log(`alerts: what was seen cannot be kept yet: ${errorLine(error, redact)}`);
      isTrouble = true;
    }
  }

  return { tell: (seen) => last = last.then(() => handOver(seen)) };
}
