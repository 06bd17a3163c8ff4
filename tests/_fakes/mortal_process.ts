import type { AlertChannel } from "../../lib/alerts/alert_channel.ts";
import type { StateStore } from "../../lib/io/state_store.ts";

/** Where a process dies: with nothing written, just written, or with a message sent and nothing noted of it. */
export type Death = "before-write" | "after-write" | "after-send";

/** What one process sees of the world; once it is dead, nothing that it does has any effect. */
export interface MortalProcess {
  readonly store: StateStore;
  readonly channels: readonly AlertChannel[];
  /** How it dies, at the next occasion. */
  death: Death | undefined;
  readonly isDead: boolean;
}

export class Killed extends Error {}

export function createMortalProcess(store: StateStore, channels: readonly AlertChannel[]): MortalProcess {
  let isDead = false;
  const live = () => {
    if (isDead) throw new Killed();
  };
  const dieAt = (death: Death) => {
    if (process.death === death) isDead = true;
    return isDead;
  };
  const process: MortalProcess = {
    death: undefined,
    get isDead() {
      return isDead;
    },
    store: {
      async read(name, options) {
        live();
        return await store.read(name, options);
      },
      async write(name, bytes, options) {
        live();
        if (dieAt("before-write")) throw new Killed();
        const version = await store.write(name, bytes, options);
        if (dieAt("after-write")) throw new Killed();
        return version;
      },
    },
    channels: channels.map((channel) => ({
      name: channel.name,
      minSeverity: channel.minSeverity,
      async send(notification, options) {
        live();
        const delivery = await channel.send(notification, options);
        if (delivery.outcome === "accepted") dieAt("after-send");
        return delivery;
      },
    })),
  };
  return process;
}
