import { UnreachableError } from "../../lib/core/errors.ts";
import type { HealthStatus, Observation } from "../../lib/core/observation.ts";
import { withinTime } from "../../lib/io/within_time.ts";
import { errorLine } from "../error_line.ts";

/** For one check: below the time limit of a job, so that one that hangs keeps nobody from hearing of the others. */
const LOOK_MS = 35_000;

/** One thing that is looked at again and again. */
export interface Check {
  /** As in its observations. */
  readonly name: string;
  /** Looks once. A throw is an observation of its own, see {@linkcode lookAt}. */
  look(options: { readonly signal: AbortSignal }): Promise<readonly Seeing[]>;
}

/** An observation before it is dated; `check` is the check's name unless it says otherwise. */
export type Seeing = Omit<Observation, "atMs" | "check"> & { readonly check?: string };

/** Looks with each check, all at once; one that throws has seen `failed`, or `unknown` where nobody answered in time. */
export async function lookAt(
  checks: readonly Check[],
  { signal, now, timeoutMs = LOOK_MS }: {
    readonly signal: AbortSignal;
    readonly now: () => number;
    /** For each check. @default 35_000 */
    readonly timeoutMs?: number;
  },
): Promise<readonly Observation[]> {
  const seen = await Promise.all(checks.map(async ({ name, look }) => {
    const looking = withinTime((within) => look({ signal: within }), {
      timeoutMs,
      signal,
      whenLate: () => new UnreachableError(`no answer within ${timeoutMs / 1_000} s`),
    });
    const seeings = await looking.catch((error): readonly Seeing[] => {
      signal.throwIfAborted();
      return [{ status: error instanceof UnreachableError ? "unknown" : "failed", reason: errorLine(error) }];
    });
    return seeings.map((seeing) => ({ check: name, ...seeing, atMs: now() }));
  }));
  return seen.flat();
}

const ORDER: readonly HealthStatus[] = ["failed", "unknown", "degraded", "ok"];

/** The same, the worst first; what nobody could look at is worse than what is only degraded. */
export function worstFirst<T extends { readonly status: HealthStatus }>(seen: readonly T[]): readonly T[] {
  return seen.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}
