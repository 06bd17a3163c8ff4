import type { Check, Seeing } from "./check.ts";

/** Something that stops working at a known time. */
export interface Expiry {
  /** For people and rules, such as `token ci-trainer`; no secret. */
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Why nobody needs it any more; its alert ends. */
  readonly over?: string;
}

const DAY_MS = 86_400_000;
const DEGRADED_DAYS = 14;

/** Looks at what expires: `degraded` two weeks before, `failed` from the moment on. */
export function expiryCheck(
  { expiries, now }: {
    readonly expiries: (options: { readonly signal: AbortSignal }) => Promise<readonly Expiry[]>;
    readonly now: () => number;
  },
): Check {
  return {
    name: "expiry",
    async look(options) {
      return (await expiries(options)).map(({ name, atMs, over }): Seeing => {
        if (over !== undefined) return { subject: name, status: "ok", reason: over };
        const daysLeft = (atMs - now()) / DAY_MS;
        const date = new Date(atMs).toISOString().slice(0, 10);
        return {
          subject: name,
          status: daysLeft <= 0 ? "failed" : daysLeft < DEGRADED_DAYS ? "degraded" : "ok",
          reason: daysLeft <= 0
            ? `expired on ${date}`
            : `expires on ${date}, in ${
              daysLeft < 2 ? `${(daysLeft * 24).toFixed(0)} hours` : `${Math.floor(daysLeft)} days`
            }`,
          values: { daysLeft },
        };
      });
    },
  };
}
