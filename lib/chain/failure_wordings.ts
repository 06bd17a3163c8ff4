import type { DefiniteKind, RetryableKind } from "./chain_error.ts";

/**
 * Wordings of geth, Erigon, Nethermind, Besu, reth, Anvil and the large providers. Order matters: a contract chooses the
 * words after "execution reverted", and providers wrap a definite reason in a general code.
 */
export const WORDINGS: readonly (readonly [RegExp, DefiniteKind | RetryableKind])[] = [
  [/execution reverted/i, "reverted"],
  [
    /already known|already imported|already[_ ]exists|known transaction|already in (?:the )?(?:mem)?pool/i,
    "already-known",
  ],
  [
    /nonce (?:is )?too low|nonce_too_low|old ?nonce|invalid nonce.*lower/i,
    "nonce-too-low",
  ],
  [/replacement (?:transaction|fee)|underpriced/i, "underpriced"],
  [
    /insufficient (?:funds|balance)|not enough (?:funds|balance)|upfront cost exceeds/i,
    "insufficient-funds",
  ],
  [
    /max fee per gas less than block base fee|fee ?cap (?:less than|too low)|feetoolow|base fee/i,
    "fee-too-low",
  ],
  [/\brevert(?:ed)?\b/i, "reverted"],
  [
    /block range|\brange (?:is )?(?:too|exceed|\d+ (?:is|exceed))|ranges? over \d|(?:max(?:imum)?|limited to)\b.{0,40}\b(?:range|blocks)\b/i,
    "too-much",
  ],
  [
    /too many (?:logs|results|blocks)|more than \d[\d,]* (?:results|logs)|max(?:imum)? (?:logs|results)|logs matched/i,
    "too-much",
  ],
  [
    /response size|(?:response|result|payload|entity|content|body) (?:is )?too (?:big|large)|batch (?:size )?(?:is )?(?:too|exceed|limit)/i,
    "too-much",
  ],
  // Of a program run in a call: what it returns counts as a contract's code.
  [
    /max(?:imum)? code ?size|code ?size ?(?:limit|exceed)|ContractSizeLimit|EVM error OutOf\w*Gas/i,
    "too-much",
  ],
  [
    /rate.?limit|too many requests|quota|compute units|request limit|exceeded.*capacity/i,
    "rate-limited",
  ],
  [/timed? ?out|timeout/i, "timeout"],
  [
    /nonce too high|nonce gap|header not found|unknown block|block not found|missing trie node|state (?:is )?not available|not synced|syncing/i,
    "behind",
  ],
  [
    /unauthori[sz]ed|invalid (?:api|project) ?(?:key|id)|forbidden|must be authenticated/i,
    "access-denied",
  ],
  [
    /method not (?:found|supported|available)|does not exist\/is not available|unsupported method/i,
    "unsupported",
  ],
];

/** EIP-1474 and JSON-RPC 2.0 §5.1; 3 is a revert with data (geth and all who follow it). */
export const CODES: Readonly<Record<number, DefiniteKind | RetryableKind>> = {
  3: "reverted",
  429: "rate-limited",
  [-32005]: "rate-limited",
  [-32002]: "server-error",
  [-32603]: "server-error",
  [-32601]: "unsupported",
  [-32004]: "unsupported",
};
