import { PotError, UnreachableError } from "../core/errors.ts";
import { ChainError } from "./chain_error.ts";
import type { JournalEntry } from "./journal_entry.ts";

/** Nobody can tell yet; `entry` is absent where nothing was signed. */
export function notMined(entry: JournalEntry | undefined, waitedMs: number): UnreachableError {
  const purpose = entry?.purpose ?? "send";
  return new UnreachableError(
    `Cannot tell whether the chain took the transaction to ${purpose} as it is not deep enough in a block yet`,
    {
      facts: [
        `transaction: ${entry?.forms.at(-1)?.hash ?? "none signed"}`,
        `nonce: ${entry?.nonce ?? "none"}`,
        `waited: ${Math.round(waitedMs / 1000)} s`,
      ],
      hint: "run the same command again: it goes on waiting for this transaction and sends no second one",
    },
  );
}

/** Another transaction took the nonce, though perhaps not for good yet. */
export function nonceLost(account: string, { purpose, nonce, forms }: JournalEntry): ChainError {
  return new ChainError(`Cannot ${purpose} as another transaction of this key took its nonce`, {
    kind: "nonce-too-low",
    facts: [`account: ${account}`, `nonce: ${nonce}`, `our transaction: ${forms.at(-1)?.hash}`],
    hint:
      "use this key for nothing else; once the other transaction is final, the same command sends this one anew",
  });
}

/** A no-op took the nonce on request. */
export function cancelled(purpose: string): PotError {
  return new PotError(`Cannot ${purpose} as the transaction was cancelled`, {
    hint: "run the same command again to send it anew, once the cancellation is final",
  });
}
