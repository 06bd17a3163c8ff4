import type { Clock } from "../core/clock.ts";
import { type Redact, redactText } from "../core/redact.ts";
import type { StateStore } from "../io/state_store.ts";
import type { AlertChannel } from "./alert_channel.ts";
import type { AlertRule } from "./alert_rule.ts";
import type { Alerts, Seen } from "./alerts.ts";
import { type AlertsAdmin, createAlertsAdmin } from "./alerts_admin.ts";
import { createDelivery } from "./delivery.ts";
import { announce } from "./engine/announce.ts";
import type { Silence } from "./engine/alert_state.ts";
import type { AlertContext } from "./engine/context.ts";
import { type AlertLimits, DEFAULT_LIMITS } from "./engine/limits.ts";
import { resume } from "./engine/resume.ts";
import { settle } from "./engine/settle.ts";
import { createStateKeeper } from "./engine/state_keeper.ts";
import { takeSeen } from "./engine/take_seen.ts";
import { assertRules } from "./assert_rules.ts";

/** What alerts are made of. */
export interface CreateAlertsOptions {
  /** What makes an alert, such as {@linkcode DEFAULT_RULES}. */
  readonly rules: readonly AlertRule[];
  /** Where to. @default none: everything is followed and nothing is sent */
  readonly channels?: readonly AlertChannel[];
  /** Names of channels that are told of critical incidents that nobody acknowledges, whatever their minimum severity. @default none */
  readonly escalateTo?: readonly string[];
  /** Messages a minute, by channel. @default 60 to each */
  readonly ratePerMinute?: Readonly<Record<string, number>>;
  /** What is not told, from when until when. @default none */
  readonly maintenance?: readonly Silence[];
  /** Where the state is kept; with `createAlerts` elsewhere on the same one, nothing is told twice. */
  readonly store: StateStore;
  /** For every time there is, and the pause after a conflict. */
  readonly clock: Clock;
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number;
  /** Who tells: the installation's name and host. */
  readonly source: string;
  /** The log's name: it makes fingerprints differ between installations. */
  readonly origin: string;
  /** Makes texts fit to be kept and sent. @default redactText */
  readonly redact?: Redact;
  /** How long one attempt to send may take, in milliseconds. @default 10_000 */
  readonly sendTimeoutMs?: number;
  /** Whether anybody looks at a check's subject, as this installation is configured; what nobody does is let go. @default everything */
  readonly isWatched?: (check: string, subject: string) => boolean;
  /** How patient and how large it is, where it is not as usual. */
  readonly limits?: Partial<AlertLimits>;
}

/**
 * Alerts over a document in a store. All that decides is in pure functions over that document (`engine/`); this reads it, applies
 * them, writes it once, and only then sends. A process killed anywhere in between loses nothing, and may send again at most what it
 * was just sending.
 *
 * @throws {UsageError} naming each rule with a mistake
 */
export function createAlerts(options: CreateAlertsOptions): Alerts & AlertsAdmin {
  const { rules, channels = [], store, clock, random = Math.random } = options;
  assertRules(rules, { channels: channels.length === 0 ? undefined : channels.map(({ name }) => name) });
  let listening: { readonly sinceMs: number; readonly lastMs: number } | undefined;
  const fixed = {
    rules: new Map(rules.map((rule) => [rule.name, rule])),
    channels,
    escalateTo: options.escalateTo ?? [],
    maintenance: options.maintenance ?? [],
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    rates: options.ratePerMinute ?? {},
    origin: options.origin,
    source: options.source,
    redact: options.redact ?? redactText,
    random,
    isWatched: options.isWatched ?? (() => true),
  };
  const contextNow = (): AlertContext => ({
    ...fixed,
    nowMs: clock.now(),
    startedMs: listening?.sinceMs ?? -Infinity,
  });
  const keeper = createStateKeeper({ store, clock, random });
  const deliver = createDelivery({
    keeper,
    channels,
    contextNow,
    timeoutMs: options.sendTimeoutMs ?? 10_000,
  });
  let gathering: { readonly seen: Seen[]; readonly written: Promise<void> } | undefined;

  return {
    async observe(seen, { signal } = {}) {
      signal?.throwIfAborted();
      if (gathering === undefined) {
        const all: Seen[] = [];
        const close = () => {
          if (gathering?.seen === all) gathering = undefined;
        };
        const before = listening;
        const written = keeper.update((draft) => {
          close();
          const nowMs = clock.now();
          listening = { sinceMs: resume(draft, { nowMs, before }), lastMs: nowMs };
          const context = contextNow();
          takeSeen(draft, merge(all), context);
          settle(draft, context);
        }).finally(close);
        gathering = { seen: all, written };
      }
      gathering.seen.push(seen);
      await gathering.written;
    },
    async announce(announcement, { signal } = {}) {
      signal?.throwIfAborted();
      await keeper.update((draft) => announce(draft, announcement, contextNow()));
    },
    deliver,
    ...createAlertsAdmin({ keeper, contextNow }),
  };
}

function merge(all: readonly Seen[]): Seen {
  return {
    observations: all.flatMap(({ observations = [] }) => observations),
    occurrences: all.flatMap(({ occurrences = [] }) => occurrences),
  };
}
