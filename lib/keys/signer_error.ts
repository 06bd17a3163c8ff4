import { PotError, type PotErrorOptions, UnreachableError, UsageError } from "../core/errors.ts";
import type { SignerAnswer } from "./signer_rpc.ts";

/** Thrown when a person, or a rule of the signer, said no to a transaction. Exit code 1. */
export class SigningDeniedError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "SigningDeniedError";

  /** As {@linkcode PotError}'s. */
  constructor(summary: string, options: Omit<PotErrorOptions, "exitCode"> = {}) {
    super(summary, options);
  }
}

interface KnownError {
  readonly when: (code: number, message: string) => boolean;
  readonly make: (facts: readonly string[]) => PotError;
}

/** What clef, web3signer and wallets say, by what it means; the first that fits. Their words are looked at, never shown. */
const KNOWN: readonly KnownError[] = [
  {
    when: (code, message) => code === 4001 || /\b(?:denied|reject(?:ed)?)\b/i.test(message),
    make: (facts) =>
      new SigningDeniedError("Cannot sign as it was denied in the signer", {
        facts,
        hint: "nothing was sent; run the command again and confirm, or look at the signer's rules",
      }),
  },
  {
    when: (code, message) => code === -32002 || /timed out/i.test(message),
    make: (facts) =>
      new UnreachableError("Cannot sign as the signer waited no longer for a person", {
        facts,
        hint: "confirm sooner (clef waits 30 seconds for those who ask by HTTP), then try again",
      }),
  },
  {
    when: (code) => code === -32601 || code === -32604,
    make: (facts) =>
      new UsageError(
        "Cannot sign as the signer knows neither eth_signTransaction nor account_signTransaction",
        {
          facts,
          hint: "name a signer such as web3signer or clef in POT_KEY_SOURCE, not an RPC endpoint",
        },
      ),
  },
  {
    when: (_code, message) => /chain ?id/i.test(message),
    make: (facts) =>
      new UsageError("Cannot sign as the signer is set up for another chain", {
        facts,
        hint: "start it with the chain's id (--chainid of clef, --chain-id of web3signer), or check CHAIN_ID",
      }),
  },
  {
    when: (_code, message) => /password|passphrase|decrypt|authentication needed/i.test(message),
    make: (facts) =>
      new UsageError("Cannot sign as the signer could not open the account's key", {
        facts,
        hint: "check the password that the signer was given",
      }),
  },
  {
    when: (_code, message) => /unlocked account|unknown account|no key for|account not found/i.test(message),
    make: (facts) =>
      new UsageError("Cannot sign as the signer does not have the account", {
        facts,
        hint: "check the address in POT_KEY_SOURCE or POT_SIGNER_ADDRESS, and that the device is connected",
      }),
  },
];

/** The error for a question that a signer answered with one. */
export function signerError(
  { code, message }: Extract<SignerAnswer, { ok: false }>,
  facts: readonly string[],
): PotError {
  const all = [...facts, `code: ${code}`];
  return KNOWN.find(({ when }) => when(code, message))?.make(all) ??
    new UsageError("Cannot sign as the signer refused the transaction", {
      facts: all,
      hint:
        "look at what the signer itself shows: clef refuses what its warnings are about unless --advanced",
    });
}
