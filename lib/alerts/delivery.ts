import { withinTime } from "../io/within_time.ts";
import type { AlertChannel, Delivery } from "./alert_channel.ts";
import type { Alerts } from "./alerts.ts";
import type { OutboxEntry } from "./engine/alert_state.ts";
import type { AlertContext } from "./engine/context.ts";
import { giveUp } from "./engine/give_up.ts";
import { nextDue } from "./engine/outbox.ts";
import { settleAttempt } from "./engine/settle_attempt.ts";
import type { StateKeeper } from "./engine/state_keeper.ts";

/** What sending needs. */
export interface DeliveryDeps {
  readonly keeper: StateKeeper;
  readonly channels: readonly AlertChannel[];
  readonly contextNow: () => AlertContext;
  /** For one attempt. */
  readonly timeoutMs: number;
}

/**
 * Sends what is due. Each channel has a lane of its own, so that one that hangs delays no other, also not in the next round: who
 * calls again while a lane is busy waits for what is under way there, and starts the others.
 */
export function createDelivery({ keeper, channels, contextNow, timeoutMs }: DeliveryDeps): Alerts["deliver"] {
  const busy = new Map<string, Promise<number>>();

  async function lane(channel: AlertChannel, signal: AbortSignal): Promise<number> {
    const tried = new Set<string>();
    for (let accepted = 0;;) {
      signal.throwIfAborted();
      const state = await keeper.read({ signal });
      const entry = nextDue(state, channel.name, { tried, context: contextNow() });
      const notification = entry && state.notifications[entry.id];
      if (entry === undefined || notification === undefined) return accepted;
      tried.add(entry.id);
      const thread = state.incidents[entry.key]?.channels[channel.name]?.thread;
      const delivery = await attempt(
        () =>
          withinTime(
            (within) =>
              channel.send(notification, { ...(thread === undefined ? {} : { thread }), signal: within }),
            { timeoutMs, signal, whenLate: () => new Error(`no answer within ${timeoutMs / 1_000} s`) },
          ),
        signal,
      );
      await keeper.update((draft) => settleAttempt(draft, entry, { delivery, context: contextNow() }));
      if (delivery.outcome === "accepted") accepted++;
      // It is not well: the next round tries again, others need not wait for it.
      if (delivery.outcome === "retry") return accepted;
    }
  }

  return async ({ signal }) => {
    signal.throwIfAborted();
    await dropUnknownChannels({ keeper, channels, contextNow });
    const lanes = channels.map((channel) => {
      const running = busy.get(channel.name);
      if (running !== undefined) return running.then(() => 0);
      const started = lane(channel, signal).finally(() => busy.delete(channel.name));
      busy.set(channel.name, started);
      return started;
    });
    const results = await Promise.allSettled(lanes);
    const accepted = results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    const { outbox, deadLetters } = await keeper.read({ signal });
    return {
      accepted: accepted.reduce((sum, count) => sum + count, 0),
      waiting: outbox.length,
      dead: deadLetters.length,
    };
  };
}

/** A channel must not throw; one that does all the same has not taken it, as far as anybody knows. */
async function attempt(send: () => Promise<Delivery>, signal: AbortSignal): Promise<Delivery> {
  try {
    return await send();
  } catch (error) {
    signal.throwIfAborted();
    return { outcome: "retry", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What waits for a channel that nobody configures any more would wait for ever. */
async function dropUnknownChannels(
  { keeper, channels, contextNow }: Pick<DeliveryDeps, "keeper" | "channels" | "contextNow">,
): Promise<void> {
  const isUnknown = ({ channel }: OutboxEntry) => channels.every(({ name }) => name !== channel);
  if (!(await keeper.read()).outbox.some(isUnknown)) return;
  await keeper.update((draft) => {
    const { nowMs, limits } = contextNow();
    for (const entry of draft.outbox.filter(isUnknown)) {
      const reason = "its channel is not configured any more";
      giveUp(draft, entry, { reason, mayHaveArrived: entry.attempts > 0, nowMs, limits });
    }
  });
}
