import type { EndpointFailure } from "./chain_error.ts";
import type { JournalEntry } from "./journal_entry.ts";
import type { SenderContext } from "./sender_context.ts";

/** A failure that an endpoint will repeat. */
export type Refusal = EndpointFailure & {
  readonly failure: Extract<EndpointFailure["failure"], { readonly isRetryable: false }>;
};

/**
 * Hands the newest form of each transaction to every endpoint and writes down what that came to. Answers with those that all
 * endpoints refused for a reason that the same bytes will meet again, by key.
 */
export async function broadcastEntries(
  entries: readonly JournalEntry[],
  { endpoints, journal, clock, handedOut }: SenderContext,
  { signal }: { readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Refusal>> {
  const refused = new Map<string, Refusal>();
  if (entries.length === 0) return refused;
  const outcomes = await endpoints.broadcast(entries.map(({ forms }) => forms.at(-1)!.raw), { signal });
  const atMs = clock.now();
  const news = entries.map((entry, at) => {
    const { isAccepted, failures } = outcomes[at]!;
    // A clock that was set back starts anew.
    const firstAtMs = Math.min(handedOut.get(entry.key)?.firstAtMs ?? atMs, atMs);
    handedOut.set(entry.key, { firstAtMs, lastAtMs: atMs });
    if (isAccepted) return { entry, state: "broadcast" } as const;
    const isOld = failures.some(({ failure }) => failure.kind === "nonce-too-low");
    if (!isOld && failures.length > 0 && failures.every(isDefinite)) {
      refused.set(entry.key, failures[0] as Refusal);
    }
    // Whoever gave no clear answer may have passed it on all the same.
    return { entry, state: "unknown" } as const;
  });
  await journal.note(news, atMs);
  return refused;
}

function isDefinite({ failure }: EndpointFailure): boolean {
  return !failure.isRetryable;
}
