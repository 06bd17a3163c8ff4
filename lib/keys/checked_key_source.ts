import { UnreachableError, UsageError } from "../core/errors.ts";
import type { TransactionSigner } from "../core/signer.ts";
import { untilAborted } from "../io/until_aborted.ts";
import { withinTime } from "../io/within_time.ts";
import type { KeySource } from "./key_source.ts";

/** What is asked of a source beyond opening. */
export interface CheckedKeySourceOptions {
  /** The account that its key must be of. @default whichever it is of */
  readonly address?: `0x${string}`;
  /** The longest that opening may take, in milliseconds. @default as long as it takes, as where a person types a passphrase */
  readonly timeoutMs?: number;
}

/** An opening under way, or done. */
interface Opening {
  readonly signer: Promise<TransactionSigner>;
  readonly stop: AbortController;
  /** Who still wants it. */
  waiting: number;
  isOpen: boolean;
}

/**
 * A source that is read once: whoever opens it again, or at the same time, gets the same signer. What fails may be tried again. It
 * has its time, and hands out no key but that of the configured account.
 *
 * `open` throws an UnreachableError when the time is over, a UsageError when the key is another account's, the signal's reason when
 * that aborts, and what the source throws. The source itself is stopped once nobody waits for it any more.
 */
export function createCheckedKeySource(
  source: KeySource,
  { address, timeoutMs }: CheckedKeySourceOptions = {},
): KeySource {
  const { description } = source;
  let current: Opening | undefined;

  function start(): Opening {
    const stop = new AbortController();
    const opening: Opening = { signer: openNow(stop.signal), stop, waiting: 0, isOpen: false };
    // A failure is told to whoever waits.
    opening.signer.then(() => opening.isOpen = true, () => {});
    return opening;
  }

  async function openNow(signal: AbortSignal): Promise<TransactionSigner> {
    const signer = timeoutMs === undefined
      ? await source.open({ signal })
      : await withinTime((signal) => source.open({ signal }), {
        timeoutMs,
        signal,
        whenLate: () =>
          new UnreachableError("Cannot sign as the key's holder did not answer in time", {
            facts: [`source: ${description}`, `waited: ${timeoutMs} ms`],
            hint: "check that it is up and can be reached; POT_KEY_TIMEOUT gives it longer",
          }),
      });
    if (address === undefined || signer.address.toLowerCase() === address.toLowerCase()) return signer;
    throw new UsageError("Cannot sign as the key is another account's than the configured one", {
      facts: [`configured: ${address}`, `key: ${signer.address}`, `source: ${description}`],
      hint: "correct POT_SIGNER_ADDRESS, or name the right key in POT_KEY_SOURCE",
    });
  }

  return {
    description,
    async open({ signal } = {}) {
      signal?.throwIfAborted();
      const opening = current ??= start();
      opening.waiting++;
      try {
        return await untilAborted(() => opening.signer, signal);
      } finally {
        opening.waiting--;
        if (opening.waiting === 0 && !opening.isOpen) {
          if (current === opening) current = undefined;
          opening.stop.abort();
        }
      }
    },
  };
}
