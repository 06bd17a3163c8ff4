import type { AlertRule } from "../../lib/alerts/alert_rule.ts";
import { type AlertBench, createAlertBench } from "./alert_bench.ts";

const CAUSES = 50;
const ALERTS = 10_000;
const SECONDS = 60;

/** Fifty rules, each with a cause of its own. */
export const FLOOD_RULES: readonly AlertRule[] = Array.from({ length: CAUSES }, (_, i) => ({
  name: `cause-${i}`,
  check: `check-${i}`,
  severity: "critical",
  escalateAfterMs: 3_600_000,
  runbook: "begin with the oldest",
}));

/** What a flood came to. */
export interface FloodReport {
  /** Messages by channel while it lasted, and until all was told. */
  readonly sent: Readonly<Record<string, number>>;
  readonly resolved: number;
  readonly observeCalls: number;
  readonly writes: number;
  readonly largestBytes: number;
  readonly waiting: number;
  readonly durationMs: number;
}

/**
 * Ten thousand alerts of fifty causes within a minute, each handed in by a call of its own, all calls of a second at once; then all
 * is well. Delivered every five seconds.
 */
export async function runAlertFlood(): Promise<FloodReport> {
  const startedMs = performance.now();
  const bench: AlertBench = createAlertBench({ rules: FLOOD_RULES });
  const observe = (index: number, status: "ok" | "failed") =>
    bench.alerts.observe({
      observations: [{
        check: `check-${index % CAUSES}`,
        subject: `subject-${index}`,
        status,
        reason: `${status} ${index} ${"x".repeat(200)}`,
        atMs: bench.nowMs,
      }],
    });
  const minute = async (status: "ok" | "failed") => {
    for (let second = 0; second < SECONDS; second++) {
      bench.nowMs += 1_000;
      const calls: Promise<void>[] = [];
      for (let i = second; i < ALERTS; i += SECONDS) calls.push(observe(i, status));
      await Promise.all(calls);
      if (second % 5 === 4) await bench.deliver();
    }
  };
  await minute("failed");
  await bench.pass(2);
  const { writes } = bench.store;
  const sent = Object.fromEntries(
    Object.entries(bench.channels).map(([name, { arrived }]) => [name, arrived.length]),
  );
  await minute("ok");
  await bench.pass(10);
  return {
    sent,
    resolved: bench.told("slack").filter((line) => line.startsWith("resolve")).length,
    observeCalls: ALERTS,
    writes,
    largestBytes: bench.store.largestBytes,
    waiting: (await bench.alerts.view()).waiting,
    durationMs: performance.now() - startedMs,
  };
}
