import type { AlertsView, AlertView } from "../../lib/alerts/engine/view.ts";
import { SEVERITIES } from "../../lib/alerts/severity.ts";
import {
  byLabel,
  counter,
  family,
  gauge,
  type Metric,
  type MetricFamily,
  single,
} from "../../lib/core/metrics/metric.ts";

const ALERTS = gauge("pot_alerts", "Alerts by severity and state, resolved ones aside.", {
  labels: ["severity", "state"],
});
const INCIDENTS = gauge(
  "pot_alert_incidents",
  "Open incidents, and of these, those that somebody takes care of.",
  {
    labels: ["state"],
  },
);
const SILENCES = gauge("pot_alert_silences", "Silences in force.");
const OUTBOX = gauge("pot_alert_outbox_messages", "Messages that wait to be sent, by channel.", {
  labels: ["channel"],
});
const OUTBOX_AGE = gauge(
  "pot_alert_outbox_age_seconds",
  "How long the oldest of them has waited; 0 where none waits.",
  { unit: "seconds" },
);
const FAILURES = gauge("pot_alert_channel_failures", "Attempts to send that failed in a row, by channel.", {
  labels: ["channel"],
});
const DEAD = gauge("pot_alert_dead_letters", "Messages that could not be delivered, and wait for a person.");
const LOST = counter(
  "pot_alert_dead_letters_lost",
  "Dead letters that were given up, as there were too many.",
);

/** Alerts and how they get out. */
export const ALERT_METRICS: readonly Metric[] = [
  ALERTS,
  INCIDENTS,
  SILENCES,
  OUTBOX,
  OUTBOX_AGE,
  FAILURES,
  DEAD,
  LOST,
];

const STATES: readonly AlertView["state"][] = ["firing", "flapping", "acknowledged", "silenced", "pending"];

/** Reads them off the alerts' state. */
export function alertFamilies(
  { view, nowMs }: { readonly view: AlertsView; readonly nowMs: number },
): readonly MetricFamily[] {
  const { alerts, incidents, silences, channels, oldestWaitingMs = nowMs } = view;
  const acknowledged = incidents.filter((incident) => incident.acknowledged !== undefined).length;
  return [
    family(
      ALERTS,
      SEVERITIES.flatMap((severity) =>
        STATES.map((state) => ({
          labels: { severity, state },
          value: alerts.filter((one) => one.severity === severity && one.state === state).length,
        }))
      ),
    ),
    byLabel(INCIDENTS, { open: incidents.length, acknowledged }),
    single(SILENCES, silences.length),
    byLabel(OUTBOX, Object.fromEntries(channels.map(({ name, waiting }) => [name, waiting]))),
    single(OUTBOX_AGE, Math.max(0, nowMs - oldestWaitingMs) / 1_000),
    byLabel(FAILURES, Object.fromEntries(channels.map(({ name, failures }) => [name, failures]))),
    single(DEAD, view.deadLetters.length),
    single(LOST, view.lostDeadLetters),
  ];
}
