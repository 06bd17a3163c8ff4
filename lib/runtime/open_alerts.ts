import type { Alerts } from "../alerts/alerts.ts";
import type { AlertsAdmin } from "../alerts/alerts_admin.ts";
import { createAlerts } from "../alerts/create_alerts.ts";
import type { Clock } from "../core/clock.ts";
import type { StateStore } from "../io/state_store.ts";
import type { Config } from "./config.ts";
import { alertSource, openAlertChannels } from "./open_alert_channels.ts";
import { systemClock } from "./system_clock.ts";

/** What alerts are opened over. */
export interface OpenAlertsOptions {
  /** Keeps their state. */
  readonly store: StateStore;
  /** The log's name. */
  readonly origin: string;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Whether anybody looks at a check's subject. @default everything */
  readonly isWatched?: (check: string, subject: string) => boolean;
}

/**
 * The alerts of a configuration: its rules, its channels, and their state. Nothing is sent yet.
 *
 * @throws {UsageError} for a rule with a mistake, or a secret that cannot be read.
 */
export async function openAlerts(
  config: Config,
  { store, origin, clock = systemClock, isWatched }: OpenAlertsOptions,
): Promise<Alerts & AlertsAdmin> {
  const { alerts, redactor } = config;
  return createAlerts({
    ...alerts,
    channels: await openAlertChannels(config, { clock }),
    store,
    clock,
    source: alertSource(config),
    origin,
    ...(isWatched && { isWatched }),
    ...(redactor && { redact: redactor }),
  });
}
