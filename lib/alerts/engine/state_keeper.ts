import type { Clock } from "../../core/clock.ts";
import { StateConflictError } from "../../io/state_conflict_error.ts";
import type { StateDocument, StateStore } from "../../io/state_store.ts";
import { type AlertState, emptyState } from "./alert_state.ts";
import { formatState, parseState } from "./state_codec.ts";

/** The document's name in its store. */
const DOCUMENT = "alerts";
/** Tries before a conflict is an error: others write rarely and shortly. */
const TRIES = 20;
const MAX_PAUSE_MS = 50;

/** Changes a draft in place. Throws before it has changed anything, or not at all; may be called again with another draft. */
export type Change<T> = (draft: AlertState) => T;

/** Reads and writes the document of alerts. */
export interface StateKeeper {
  /** As it is on disk. It is nobody's draft: leave it as it is. */
  read(options?: { readonly signal?: AbortSignal }): Promise<AlertState>;
  /** Makes a change durable, together with those that are asked for meanwhile; writes nothing where nothing differs. */
  update<T>(change: Change<T>): Promise<T>;
}

/** The document as it was read or written last. */
interface Known {
  readonly version: string | undefined;
  readonly state: AlertState;
  readonly text: string;
}

interface Waiting {
  run(draft: AlertState): void;
  /** Called once what it did is durable. */
  done(): void;
  fail(error: unknown): void;
}

/**
 * The document in its store, changed by any number of processes: who finds that another one was quicker reads again and repeats its
 * change. One write at a time; what is asked for while it lasts is the next one together.
 */
export function createStateKeeper(
  { store, clock, random }: {
    readonly store: StateStore;
    readonly clock: Pick<Clock, "sleep">;
    readonly random: () => number;
  },
): StateKeeper {
  let known: Known | undefined;
  const waiting: Waiting[] = [];
  let isWorking = false;

  async function load(signal?: AbortSignal): Promise<Known> {
    const document: StateDocument | undefined = await store.read(DOCUMENT, signal ? { signal } : {});
    if (known === undefined || known.version !== document?.version) {
      const text = document === undefined
        ? formatState(emptyState())
        : new TextDecoder().decode(document.bytes);
      known = { version: document?.version, state: parseState(text), text };
    }
    return known;
  }

  async function work(): Promise<void> {
    isWorking = true;
    try {
      // A turn later, so that what is asked for at the same moment is one write.
      await Promise.resolve();
      for (let batch = waiting.splice(0); batch.length > 0; batch = waiting.splice(0)) {
        try {
          const settled = await commit(batch);
          for (const finish of settled) finish();
        } catch (error) {
          for (const { fail } of batch) fail(error);
        }
      }
    } finally {
      isWorking = false;
    }
  }

  async function commit(batch: readonly Waiting[]): Promise<readonly (() => void)[]> {
    for (let tries = 1;; tries++) {
      const { version, text: before } = await load();
      // A copy, and twice as quick as structuredClone.
      const draft = parseState(before);
      const settled = batch.map(({ run, done, fail }) => {
        try {
          run(draft);
          return done;
        } catch (error) {
          return () => fail(error);
        }
      });
      const text = formatState(draft);
      if (text === before) return settled;
      try {
        const bytes = new TextEncoder().encode(text);
        known = { version: await store.write(DOCUMENT, bytes, { version }), state: draft, text };
        return settled;
      } catch (error) {
        known = undefined;
        if (!(error instanceof StateConflictError) || tries >= TRIES) throw error;
        await clock.sleep(Math.ceil(random() * MAX_PAUSE_MS));
      }
    }
  }

  return {
    read: async ({ signal } = {}) => (await load(signal)).state,
    update<T>(change: Change<T>) {
      return new Promise<T>((resolve, reject) => {
        let result: T;
        waiting.push({
          run: (draft) => {
            result = change(draft);
          },
          done: () => resolve(result),
          fail: reject,
        });
        if (!isWorking) void work();
      });
    },
  };
}
