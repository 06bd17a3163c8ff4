/** How well something is: `unknown` where nobody could look. */
export type HealthStatus = "ok" | "degraded" | "failed" | "unknown";

/**
 * What was seen of one thing at one moment. Whoever looks makes one at every look, also when all is well: an
 * observation that stays away is missing data, never good news.
 */
export interface Observation {
  /** What was looked at, such as `endpoint`, `balance` or `job`: lowercase letters, digits and `-`. */
  readonly check: string;
  /** Which one, where there are several: an endpoint's or a job's name; never a URL, a secret or an address. @default "" */
  readonly subject?: string;
  /** As it was seen. */
  readonly status: HealthStatus;
  /** One line in words, without secrets: why, or what is well. */
  readonly reason: string;
  /** Numbers that rules compare, by name with its unit: `runwayDays`, `ageMs`, `balanceWei` as a number. */
  readonly values?: Readonly<Record<string, number>>;
  /** Facts for people, without secrets. */
  readonly details?: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** Something that happened once and is no state, such as a refused permission or a reorganisation. */
export interface Occurrence {
  /** Tells it from every other: the same id is told of once, however often it is handed in. */
  readonly id: string;
  /** What kind: lowercase letters, digits and `-`, such as `foreign-transaction`. */
  readonly name: string;
  /** What it is about, such as a nonce or a token's name; never a URL or a secret. @default "" */
  readonly subject?: string;
  /** One line in words, without secrets. */
  readonly detail: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}
