import type { AlertRule } from "../../lib/alerts/alert_rule.ts";
import type { Alerts } from "../../lib/alerts/alerts.ts";
import type { AlertsAdmin } from "../../lib/alerts/alerts_admin.ts";
import { createAlerts, type CreateAlertsOptions } from "../../lib/alerts/create_alerts.ts";
import { DEFAULT_RULES } from "../../lib/alerts/default_rules.ts";
import type { HealthStatus } from "../../lib/core/observation.ts";
import { createFakeChannel, type FakeChannel } from "./fake_channel.ts";
import { type CountingStateStore, createCountingStateStore } from "./counting_state_store.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Alerts over a store that survives, on a clock that the test moves. */
export interface AlertBench {
  readonly store: CountingStateStore;
  readonly channels: Readonly<Record<"slack" | "mail" | "pager", FakeChannel>>;
  readonly alerts: Alerts & AlertsAdmin;
  nowMs: number;
  /** Puts another process in place of this one, on the same store. */
  restart(options?: Partial<CreateAlertsOptions>): void;
  /** Time passes, one thing is seen, and what is due is sent. */
  see(check: string, status: HealthStatus, more?: SeeOptions): Promise<void>;
  /** Time passes by minutes, in each of which the same is seen (or nothing) and what is due is sent. */
  pass(minutes: number, seen?: () => Promise<void>): Promise<void>;
  deliver(): Promise<void>;
  /** What a channel got, as `kind rule`. */
  told(channel: keyof AlertBench["channels"]): readonly string[];
}

export interface SeeOptions {
  readonly subject?: string;
  readonly values?: Readonly<Record<string, number>>;
  readonly reason?: string;
}

/** `slack` takes everything, `mail` warnings and worse, `pager` what is critical. */
export function createAlertBench(
  { rules = DEFAULT_RULES, ...options }: Partial<CreateAlertsOptions> & {
    readonly rules?: readonly AlertRule[];
  } = {},
): AlertBench {
  const store = createCountingStateStore();
  const now = () => bench.nowMs;
  const channels = {
    slack: createFakeChannel("slack", { now }),
    mail: createFakeChannel("mail", { minSeverity: "warning", now }),
    pager: createFakeChannel("pager", { minSeverity: "critical", now }),
  };
  const open = (more: Partial<CreateAlertsOptions> = {}) =>
    createAlerts({
      rules,
      channels: Object.values(channels),
      store,
      clock: { now, sleep: () => Promise.resolve() },
      random: () => 0.5,
      source: "pot on host-1",
      origin: "pot/test",
      ...options,
      ...more,
    });
  const bench: { -readonly [Name in keyof AlertBench]: AlertBench[Name] } = {
    store,
    channels,
    nowMs: 1_800_000_000_000,
    alerts: undefined as unknown as Alerts & AlertsAdmin,
    restart(more) {
      bench.alerts = open(more);
    },
    async see(check, status, { subject, values, reason = `${check} is ${status}` } = {}) {
      const observation = { check, status, reason, atMs: bench.nowMs };
      await bench.alerts.observe({
        observations: [{ ...observation, ...(subject && { subject }), ...(values && { values }) }],
      });
    },
    async pass(minutes, seen = () => bench.alerts.observe({})) {
      for (let i = 0; i < minutes; i++) {
        bench.nowMs += MINUTE_MS;
        await seen();
        await bench.deliver();
      }
    },
    async deliver() {
      await bench.alerts.deliver({ signal: new AbortController().signal });
    },
    told: (channel) =>
      bench.channels[channel].arrived.map(({ notification: { kind, alerts, message } }) =>
        `${kind} ${alerts[0]?.rule ?? message}`
      ),
  };
  bench.alerts = open();
  return bench;
}
