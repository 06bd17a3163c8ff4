import { StateConflictError } from "../../lib/io/state_conflict_error.ts";
import type { StateStore } from "../../lib/io/state_store.ts";

/** A state store that outlives whoever uses it, as a disk does, and counts. */
export interface CountingStateStore extends StateStore {
  /** How often something was written. */
  readonly writes: number;
  /** The largest document so far. */
  readonly largestBytes: number;
  /** Called before each write; a throw is that of a process killed there: nothing is written. */
  beforeWrite?: () => void;
}

export function createCountingStateStore(): CountingStateStore {
  const documents = new Map<string, { readonly bytes: Uint8Array; readonly version: string }>();
  const store = {
    writes: 0,
    largestBytes: 0,
    beforeWrite: undefined as (() => void) | undefined,
    read: (name: string) => Promise.resolve(documents.get(name)),
    write(name: string, bytes: Uint8Array, { version }: { readonly version: string | undefined }) {
      try {
        store.beforeWrite?.();
        if (documents.get(name)?.version !== version) throw new StateConflictError(name);
      } catch (error) {
        return Promise.reject(error);
      }
      store.writes++;
      store.largestBytes = Math.max(store.largestBytes, bytes.length);
      const next = String(Number(version ?? "0") + 1);
      documents.set(name, { bytes: bytes.slice(), version: next });
      return Promise.resolve(next);
    },
  };
  return store as CountingStateStore;
}
