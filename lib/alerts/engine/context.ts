import type { AlertRule } from "../alert_rule.ts";
import type { AlertChannel } from "../alert_channel.ts";
import type { Redact } from "../../core/redact.ts";
import type { Silence } from "./alert_state.ts";
import type { AlertLimits } from "./limits.ts";

/** What the reducers know beside the document: nothing of it changes while they work. */
export interface AlertContext {
  /** By name. */
  readonly rules: ReadonlyMap<string, AlertRule>;
  readonly channels: readonly Pick<AlertChannel, "name" | "minSeverity">[];
  /** Channels that are told of what nobody acknowledges, whatever their minimum severity. */
  readonly escalateTo: readonly string[];
  /** Silences of the configuration. */
  readonly maintenance: readonly Silence[];
  readonly limits: AlertLimits;
  /** Messages a minute, by channel, where it is not the usual number. */
  readonly rates: Readonly<Record<string, number>>;
  /** The log's name: alerts of another installation have other fingerprints. */
  readonly origin: string;
  readonly source: string;
  readonly redact: Redact;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** When somebody began to listen, after a pause: nothing is missed for the time before. */
  readonly startedMs: number;
  /** Whether anybody looks at that, as this installation is configured; what nobody does is let go. */
  readonly isWatched: (check: string, subject: string) => boolean;
}
