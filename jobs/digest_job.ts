import type { Alerts } from "../lib/alerts/alerts.ts";
import { utcDay } from "../lib/core/budget.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { Job } from "./job.ts";

/** One day in figures. */
export interface Digest {
  /** One line. */
  readonly headline: string;
  /** Figures by name, without secrets. */
  readonly details: Readonly<Record<string, string>>;
}

/** What the job works with. */
export interface DigestJobDeps {
  /** Sums up since then, in milliseconds since the Unix epoch. */
  readonly digest: (options: { readonly sinceMs: number; readonly signal: AbortSignal }) => Promise<Digest>;
  readonly alerts: Pick<Alerts, "announce">;
  readonly clock: Pick<Clock, "now">;
}

const DAY_MS = 86_400_000;

/** Sends a summary of the last day, once a day, to every channel that takes messages of severity `info`. */
export function digestJob({ digest, alerts, clock }: DigestJobDeps): Job {
  return {
    name: "digest",
    schedule: "0 7 * * *",
    timeoutMs: 120_000,
    async run(signal) {
      const nowMs = clock.now();
      const { headline, details } = await digest({ sinceMs: nowMs - DAY_MS, signal });
      await alerts.announce(
        { id: `digest ${utcDay(nowMs)}`, severity: "info", message: headline, details },
        { signal },
      );
      return { summary: headline };
    },
  };
}
