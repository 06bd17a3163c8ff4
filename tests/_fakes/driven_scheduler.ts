import type { Clock } from "../../lib/core/clock.ts";
import type { Scheduler } from "../../jobs/scheduler.ts";

export interface DrivenSchedulerOptions {
  readonly clock: Clock;
  /** Leaves out this call, as a scheduler that forgets. @default never */
  readonly forgets?: (name: string, atMs: number) => boolean;
}

/** The scheduler on a clock of the test's choice: months of it take as long as the clock does. */
export function createDrivenScheduler(
  { clock, forgets = () => false }: DrivenSchedulerOptions,
): Scheduler {
  return {
    async start(scheduled, { signal, onDue }) {
      const underWay = new Set<Promise<void>>();
      await Promise.all(scheduled.map(async ({ name, schedule }) => {
        for (let dueMs = schedule.next(clock.now());; dueMs = schedule.next(Math.max(dueMs, clock.now()))) {
          try {
            await clock.sleep(Math.max(0, dueMs - clock.now()), { signal });
          } catch {
            return;
          }
          if (forgets(name, dueMs)) continue;
          const call = onDue(name).catch(() => {});
          underWay.add(call);
          call.finally(() => underWay.delete(call));
        }
      }));
      await Promise.all(underWay);
    },
  };
}
