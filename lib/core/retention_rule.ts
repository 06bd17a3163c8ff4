/** How many backups are kept. What is not given keeps none by itself; with nothing given, all are kept. */
export interface RetentionRule {
  /** The newest so many. */
  readonly last?: number;
  /** The newest one of each of the newest so many hours that have one; and so on for what follows, in UTC. */
  readonly hourly?: number;
  /** Days. */
  readonly daily?: number;
  /** Of ISO 8601: from Monday on. */
  readonly weekly?: number;
  /** Months. */
  readonly monthly?: number;
  /** Years. */
  readonly yearly?: number;
}

/** What the rule looks at of one backup. */
export interface RetainedItem {
  /** Tells it from all others. */
  readonly id: string;
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Read back and found to be what was written. */
  readonly isVerified: boolean;
}

/** What becomes of one backup. */
export interface RetentionDecision {
  /** As it was given. */
  readonly id: string;
  /** Else it may be removed. */
  readonly isKept: boolean;
  /** Why it is kept, such as `daily 2026-01-31`; empty where it is not. */
  readonly reasons: readonly string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const PERIODS: Readonly<Record<Exclude<keyof RetentionRule, "last">, (atMs: number) => string>> = {
  hourly: (atMs) => `${new Date(atMs).toISOString().slice(0, 13)}Z`,
  daily: dayOf,
  weekly: (atMs) => dayOf(mondayOf(atMs)),
  monthly: (atMs) => new Date(atMs).toISOString().slice(0, 7),
  yearly: (atMs) => new Date(atMs).toISOString().slice(0, 4),
};

/**
 * Which backups stay, newest first. Only verified ones are counted, as an unverified one must never take the place of one that can be
 * restored. An unverified one stays while it is newer than every verified one: it may be one that is being made. Without a
 * verified one, all stay; the newest verified one always does.
 */
export function decideRetention(
  items: readonly RetainedItem[],
  rule: RetentionRule,
): readonly RetentionDecision[] {
  const sorted = items.toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
  const verified = sorted.filter(({ isVerified }) => isVerified);
  const newest = verified[0];
  const isUnlimited = Object.values(rule).every((count) => count === undefined);
  const reasons = new Map<string, string[]>(sorted.map(({ id }) => [id, []]));
  const keep = (id: string, reason: string) => reasons.get(id)!.push(reason);

  if (newest !== undefined) keep(newest.id, "newest verified");
  for (const { id } of verified.slice(0, rule.last ?? 0)) keep(id, "last");
  for (
    const [name, periodOf] of Object.entries(PERIODS) as [keyof typeof PERIODS, (ms: number) => string][]
  ) {
    const seen = new Set<string>();
    for (const { id, atMs } of verified) {
      const period = periodOf(atMs);
      if (seen.has(period)) continue;
      if (seen.size >= (rule[name] ?? 0)) break;
      seen.add(period);
      keep(id, `${name} ${period}`);
    }
  }
  for (const { id, atMs, isVerified } of sorted) {
    if (isUnlimited) keep(id, "no rule");
    else if (newest === undefined) keep(id, "none is verified");
    else if (!isVerified && atMs >= newest.atMs) keep(id, "not verified yet");
  }
  return sorted.map(({ id }) => ({ id, isKept: reasons.get(id)!.length > 0, reasons: reasons.get(id)! }));
}

/** Such as `last=3,daily=7,weekly=4`: each of the words at most once, with a number from 1; `undefined` for anything else. */
export function parseRetentionRule(text: string): RetentionRule | undefined {
  const rule: Record<string, number> = {};
  for (const part of text.split(",")) {
    const [, name, count] =
      /^\s*(last|hourly|daily|weekly|monthly|yearly)=([1-9][0-9]{0,5})\s*$/.exec(part) ??
        [];
    if (name === undefined || Object.hasOwn(rule, name)) return undefined;
    rule[name] = Number(count);
  }
  return rule;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** 1970-01-01 was a Thursday. */
function mondayOf(atMs: number): number {
  const day = Math.floor(atMs / DAY_MS);
  return (day - (day + 3) % 7) * DAY_MS;
}
