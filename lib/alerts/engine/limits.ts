/** How patient and how large the engine is. Times in milliseconds. */
export interface AlertLimits {
  /** Alerts that are followed at once. */
  readonly alerts: number;
  /** Alerts of one incident that are followed one by one; the others are counted. */
  readonly alertsOfIncident: number;
  /** Incidents that may be open at once. */
  readonly incidents: number;
  /** Messages that wait for one channel. */
  readonly outboxOfChannel: number;
  /** Messages that could not be delivered. */
  readonly deadLetters: number;
  /** Occurrences that are remembered, so that each is told once. */
  readonly occurrences: number;
  /** Subjects that are missed when nothing is heard of them. */
  readonly heard: number;
  /** Firing so often within `flapWindowMs` is flapping. */
  readonly flapCount: number;
  /** The time that firings are counted in. */
  readonly flapWindowMs: number;
  /** What flaps is resolved after so long without firing. */
  readonly calmMs: number;
  /** So long do consequences stay quiet after their cause is resolved: they are looked at later. */
  readonly lingerMs: number;
  /** An incident with more alerts than are followed stays open so long after the last of those others. */
  readonly crowdMs: number;
  /** An acknowledgement ends after so long. */
  readonly acknowledgedMs: number;
  /** How often one incident is escalated at most. */
  readonly escalations: number;
  /** What nobody looked at for so long is followed no longer. */
  readonly forgetMs: number;
  /** A message that could not be delivered for so long is dead; a resolve never is for its age. */
  readonly messageAgeMs: number;
  /** A message that was tried so often is dead; a resolve never is. */
  readonly attempts: number;
  /** First and longest pause between two attempts, before jitter. */
  readonly backoffMs: number;
  /** The longest pause between two attempts, before jitter. */
  readonly maxBackoffMs: number;
  /** The other side's wish to wait is granted up to this. */
  readonly maxRetryAfterMs: number;
  /** So many failures in a row, and a channel gets one try at a time. */
  readonly circuitFailures: number;
  /** A channel that took nothing for so long is broken. */
  readonly channelBrokenMs: number;
  /** Messages a minute to one channel, unless it says otherwise. */
  readonly ratePerMinute: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What holds unless somebody says otherwise. */
export const DEFAULT_LIMITS: AlertLimits = {
  alerts: 3_000,
  alertsOfIncident: 50,
  incidents: 500,
  outboxOfChannel: 1_000,
  deadLetters: 500,
  occurrences: 2_000,
  heard: 2_000,
  flapCount: 3,
  flapWindowMs: HOUR_MS,
  calmMs: 30 * MINUTE_MS,
  lingerMs: 5 * MINUTE_MS,
  crowdMs: 5 * MINUTE_MS,
  acknowledgedMs: DAY_MS,
  escalations: 3,
  forgetMs: 7 * DAY_MS,
  messageAgeMs: DAY_MS,
  attempts: 500,
  backoffMs: 5_000,
  maxBackoffMs: 5 * MINUTE_MS,
  maxRetryAfterMs: HOUR_MS,
  circuitFailures: 3,
  channelBrokenMs: 10 * MINUTE_MS,
  ratePerMinute: 60,
};
