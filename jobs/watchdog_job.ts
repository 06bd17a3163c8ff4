import type { Delivery } from "../lib/alerts/alert_channel.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { Observation } from "../lib/core/observation.ts";
import type { Job } from "./job.ts";

/** What has to be well before the heartbeat is sent. */
export interface WatchdogJobDeps {
  /** What is not, one line each; nothing: all is well. Scheduler, outbox and disk are asked, never the chain. */
  readonly problems: (options: { readonly signal: AbortSignal }) => Promise<readonly string[]>;
  /** Tells the dead-man service that all is well. Absent where none is configured. */
  readonly sendHeartbeat?: (options: { readonly signal: AbortSignal }) => Promise<Delivery>;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Sends a heartbeat to a service outside, which pages when it stays away: only while jobs run on time, alerts get out and the disk
 * takes writes. So whatever keeps alerts from being sent is told by somebody else.
 */
export function watchdogJob({ problems, sendHeartbeat, clock }: WatchdogJobDeps): Job {
  const seen = (status: Observation["status"], reason: string): Observation => ({
    check: "watchdog",
    status,
    reason,
    atMs: clock.now(),
  });
  return {
    name: "watchdog",
    schedule: "* * * * *",
    timeoutMs: 30_000,
    async run(signal) {
      const found = await problems({ signal });
      if (found.length > 0) {
        const reason = `no heartbeat: ${found.join("; ")}`;
        return { summary: reason, observations: [seen("failed", reason)] };
      }
      if (sendHeartbeat === undefined) {
        const reason = "all is well; no dead-man service is configured";
        return { summary: reason, observations: [seen("ok", reason)] };
      }
      const delivery = await sendHeartbeat({ signal });
      if (delivery.outcome === "accepted") {
        return { summary: "heartbeat sent", observations: [seen("ok", "heartbeat sent")] };
      }
      const reason = `the heartbeat did not get out: ${delivery.reason}`;
      return { summary: reason, observations: [seen("failed", reason)] };
    },
  };
}
