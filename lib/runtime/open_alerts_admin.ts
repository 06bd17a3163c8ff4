import type { AlertsAdmin } from "../alerts/alerts_admin.ts";
import { createAlerts } from "../alerts/create_alerts.ts";
import type { Config } from "./config.ts";
import { alertSource } from "./open_alert_channels.ts";
import { openStateStore } from "./open_state_store.ts";
import { systemClock } from "./system_clock.ts";

/**
 * What a person does about alerts, beside a running daemon or without one. It opens no channel and reads no secret: what is to be sent
 * waits in the outbox for the daemon.
 *
 * @throws {UsageError} for a rule with a mistake
 */
export async function openAlertsAdmin(
  config: Pick<Config, "alerts" | "alerting" | "origin" | "redactor" | "logUrl" | "home">,
): Promise<AlertsAdmin & AsyncDisposable> {
  const store = await openStateStore(config);
  const { alerts, origin = "", redactor } = config;
  const admin = createAlerts({
    ...alerts,
    store,
    clock: systemClock,
    source: alertSource(config),
    origin,
    ...(redactor && { redact: redactor }),
  });
  return { ...admin, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}
