import type { Clock } from "../core/clock.ts";
import { isHeldElsewhere } from "../io/lock_held_error.ts";
import type { TransactionJournal } from "./journal.ts";
import type { TransactionSender } from "./transaction_sender.ts";

/** A sender, and the journal that it writes to. */
export interface OpenedSender {
  readonly sender: TransactionSender;
  readonly journal: TransactionJournal;
}

/**
 * One sender for all who send with a key in this process. Its journal is held while somebody uses it, and let go of once nobody
 * does and nothing is under way: so a daemon and the commands beside it take turns.
 */
export interface SharedSender extends AsyncDisposable {
  /**
   * Works with the sender; its key is opened by the first. `action` as in "anchor".
   *
   * @throws {PotError} when another process sends with the key, and goes on doing so
   */
  use<T>(
    action: string,
    work: (sender: TransactionSender) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
}

export interface SharedSenderOptions {
  readonly open: (action: string) => Promise<OpenedSender>;
  readonly clock: Clock;
}

/** So long another process may have the key; most have it for moments. */
const TURN_MS = 5_000;
const LOOK_MS = 200;

/** Makes the sender of one process. Nothing is opened yet. */
export function createSharedSender({ open, clock }: SharedSenderOptions): SharedSender {
  let opening: Promise<OpenedSender> | undefined;
  let userCount = 0;
  let resting = Promise.resolve();

  async function take(action: string): Promise<OpenedSender> {
    opening ??= open(action).catch((error) => {
      opening = undefined;
      throw error;
    });
    const opened = await opening;
    await opened.journal.hold();
    return opened;
  }

  async function rest({ sender, journal }: OpenedSender): Promise<void> {
    await sender.idle();
    if (userCount === 0) journal.rest();
  }

  return {
    async use(action, work, { signal } = {}) {
      userCount++;
      let opened: OpenedSender | undefined;
      try {
        opened = await waitForTurn(() => take(action), { clock, ...(signal && { signal }) });
        return await work(opened.sender);
      } finally {
        userCount--;
        // Whoever stopped waiting is not held up by what is under way for nobody.
        if (userCount === 0 && opened !== undefined) resting = rest(opened);
      }
    },
    async [Symbol.asyncDispose]() {
      const opened = await opening?.catch(() => undefined);
      await opened?.sender[Symbol.asyncDispose]();
      await resting;
    },
  };
}

/** Tries again for a while, as long as another process has the key's journal. */
export async function waitForTurn<T>(
  take: () => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<T> {
  const endMs = clock.now() + TURN_MS;
  for (;;) {
    try {
      return await take();
    } catch (error) {
      if (!isHeldElsewhere(error) || clock.now() >= endMs) throw error;
    }
    await clock.sleep(LOOK_MS, { ...(signal && { signal }) });
  }
}
