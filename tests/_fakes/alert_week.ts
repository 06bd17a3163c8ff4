import type { AlertChannel } from "../../lib/alerts/alert_channel.ts";
import type { AlertsView } from "../../lib/alerts/engine/view.ts";
import { createAlerts } from "../../lib/alerts/create_alerts.ts";
import { DEFAULT_RULES } from "../../lib/alerts/default_rules.ts";
import type { HealthStatus, Observation } from "../../lib/core/observation.ts";
import type { CountingStateStore } from "./counting_state_store.ts";
import { createMortalProcess, type Death, Killed } from "./mortal_process.ts";

const MINUTE_MS = 60_000;
export const WEEK_START_MS = Date.UTC(2026, 10, 23);
const HOUR = 60;
const DAY = 24 * HOUR;

/** Minutes from Monday, 0:00. */
const PAUSED = span(3 * DAY + 9 * HOUR, HOUR);
const OUTAGE = span(1 * DAY + 14 * HOUR, 3 * HOUR);
const FLAPPING = span(0 * DAY + 10 * HOUR, 2 * HOUR);
export const MAIL_DOWN = span(3 * DAY + 8 * HOUR + 30, 2 * HOUR);
export const SLACK_BUSY = span(4 * DAY + 11 * HOUR, 90);
const DISK_SHORT = span(4 * DAY + 11 * HOUR + 5, 30);
const JOB_FAILS = span(2 * DAY + 3 * HOUR, 2 * HOUR);
const TOPPED_UP = 5 * DAY + 12 * HOUR;

/** Ten deaths, and how long nobody notices. */
export const DEATHS: readonly (readonly [minute: number, death: Death, downMinutes: number])[] = [
  [FLAPPING.from + 3, "after-send", 1],
  [FLAPPING.from + 30, "before-write", 2],
  [OUTAGE.from + 2, "after-write", 1],
  [OUTAGE.from + 60, "before-write", 20],
  // It recovers while the daemon is down.
  [OUTAGE.until - 5, "before-write", 30],
  [JOB_FAILS.from + 4, "after-write", 0],
  [PAUSED.from, "after-send", 3],
  [PAUSED.until - 1, "after-write", 5],
  [DISK_SHORT.until, "after-send", 0],
  [TOPPED_UP, "after-send", 7],
];

function span(from: number, minutes: number): { readonly from: number; readonly until: number } {
  return { from, until: from + minutes };
}

/** What every check sees in that minute. */
function world(minute: number, atMs: number): readonly Observation[] {
  const isOut = isIn(minute, OUTAGE);
  const isPaused = isIn(minute, PAUSED);
  const flaps = isIn(minute, FLAPPING) && Math.floor((minute - FLAPPING.from) / 5) % 2 === 0;
  const seen = (check: string, status: HealthStatus, more: Partial<Observation> = {}): Observation => ({
    check,
    status,
    reason: `${check} is ${status}`,
    atMs,
    ...more,
  });
  /** Of what the chain has to be asked for. */
  const asked = (check: string, status: HealthStatus, more: Partial<Observation> = {}) =>
    seen(check, isOut ? "unknown" : status, isOut ? {} : more);
  const waitingSince = isOut ? OUTAGE.from : isPaused ? PAUSED.from : minute;
  const runwayDays = minute < TOPPED_UP ? 24 - 4.4 * minute / DAY : 60;
  return [
    seen("endpoint", isOut || flaps ? "failed" : "ok", {
      subject: "endpoint-1",
      values: { lagBlocks: 0, p95Ms: 90 },
    }),
    seen("endpoint", isOut ? "failed" : "ok", { subject: "endpoint-2", values: { lagBlocks: 0, p95Ms: 90 } }),
    seen("quorum", isOut ? "failed" : "ok"),
    asked("contract-code", "ok"),
    asked("contract-paused", isPaused ? "failed" : "ok"),
    asked("contract-owner", "ok"),
    asked("balance", "ok", { values: { runwayDays } }),
    asked("gas-price", "ok"),
    asked("success-rate", isPaused ? "degraded" : "ok"),
    asked("clock-skew", "ok"),
    seen(
      "pending-age",
      minute - waitingSince > 60 ? "failed" : minute - waitingSince > 20 ? "degraded" : "ok",
    ),
    seen("log-writable", "ok"),
    seen("disk-space", "ok", { values: { freeRatio: isIn(minute, DISK_SHORT) ? 0.05 : 0.5 } }),
    seen("job", (isOut || isPaused) && minute - waitingSince > 10 ? "failed" : "ok", { subject: "anchor" }),
    seen("job", isIn(minute, JOB_FAILS) ? "failed" : "ok", { subject: "cost" }),
  ];
}

export interface PlayedWeek {
  /** As the last process sees it, when the week is over. */
  readonly view: AlertsView;
  readonly deaths: number;
}

/** Plays the week minute by minute: everything is looked at and what is due is sent; ten times the process dies. */
export async function playWeek(
  { store, channels, onMinute }: {
    readonly store: CountingStateStore;
    readonly channels: readonly AlertChannel[];
    /** Told what time it is, before anything happens in it. */
    readonly onMinute: (minute: number) => void;
  },
): Promise<PlayedWeek> {
  let minute = 0;
  const now = () => WEEK_START_MS + minute * MINUTE_MS;
  const start = () => {
    const process = createMortalProcess(store, channels);
    const alerts = createAlerts({
      rules: DEFAULT_RULES,
      store: process.store,
      channels: process.channels,
      clock: { now, sleep: () => Promise.resolve() },
      random: () => 0.5,
      source: "pot on host-1",
      origin: "pot/week",
      limits: { escalations: 0 },
    });
    return { process, alerts };
  };
  const waiting = [...DEATHS];
  let { process, alerts } = start();
  for (; minute < 7 * DAY; minute++) {
    onMinute(minute);
    const [next] = waiting;
    if (next !== undefined && minute >= next[0]) process.death = next[1];
    try {
      await alerts.observe({ observations: world(minute, now()) });
      await alerts.deliver({ signal: new AbortController().signal });
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (!process.isDead) continue;
    minute += waiting.shift()![2];
    ({ process, alerts } = start());
  }
  return { view: await alerts.view(), deaths: DEATHS.length - waiting.length };
}

export function isIn(
  minute: number,
  { from, until }: { readonly from: number; readonly until: number },
): boolean {
  return minute >= from && minute < until;
}
