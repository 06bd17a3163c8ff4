import { decodeErrorResult } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import { ChainError } from "./chain_error.ts";

/** A contract's refusal in words. */
export interface RevertReason {
  /** Follows "Cannot … as". */
  readonly reason: string;
  /** Name and arguments of the contract's error, such as `SizeNotGrowing(4, 7)`. */
  readonly signature?: string;
  readonly hint?: string;
}

const WORDS: Readonly<Record<string, { readonly reason: string; readonly hint?: string }>> = {
  WritesPaused: {
    reason: "the contract is paused",
    hint: "wait until its owner resumes it (pot contract unpause)",
  },
  WritesNotPaused: { reason: "the contract is not paused" },
  NotOwner: { reason: "the account does not own the contract", hint: "use the owner's key" },
  InvalidOwner: { reason: "the zero address cannot own the contract" },
  NotPendingOwner: {
    reason: "the contract was not offered to the account",
    hint: "its owner offers it first: pot contract transfer",
  },
  AlreadyRetired: {
    reason: "the contract was retired, for good",
    hint: "write to its successor: pot contract check names it",
  },
  InvalidSuccessor: {
    reason: "that contract does not name this one as its predecessor",
    hint: "deploy the successor with this contract as its predecessor: pot contract migrate",
  },
  UnknownPredecessor: {
    reason: "the predecessor's code is no release of this contract",
    hint: "check the predecessor's address and chain",
  },
  InvalidHash: { reason: "the hash is not 64 lowercase hex characters" },
  InvalidRoot: { reason: "the root is zero" },
  MetadataTooLong: { reason: "the metadata is longer than 2048 bytes" },
  SizeNotGrowing: {
    reason: "this key has anchored that size or a larger one already",
    hint: "one key anchors one log: use another key for another log",
  },
  SizeTooLarge: { reason: "no log has 2^63 leaves" },
  UnknownTransaction: { reason: "no record has that transaction id" },
};

/** Decodes what the contract reverted with; errors of Solidity itself and of other contracts included, as far as they can be read. */
export function describeRevert(revertData: `0x${string}` | undefined): RevertReason {
  if (revertData === undefined || revertData === "0x") {
    return { reason: "the contract refused it without a reason" };
  }
  try {
    // viem adds Error(string) and Panic(uint256) of Solidity to any ABI.
    const { errorName, args = [] } = decodeErrorResult({ abi: proofOfTrainingAbi, data: revertData });
    const shown = (args as readonly unknown[]).map((value) => String(value).slice(0, 100)).join(", ");
    const words = WORDS[errorName] ?? { reason: "the contract refused it" };
    return { ...words, signature: `${errorName}(${shown})` };
  } catch {
    return { reason: "the contract refused it with an error of its own", signature: revertData.slice(0, 10) };
  }
}

/** The error for a write that the contract refuses, or has refused. `action` as in "anchor". */
export function revertError(
  action: string,
  revertData: `0x${string}` | undefined,
  facts: readonly string[] = [],
): ChainError {
  const { reason, signature, hint } = describeRevert(revertData);
  return new ChainError(`Cannot ${action} as ${reason}`, {
    kind: "reverted",
    revertData,
    facts: [...(signature === undefined ? [] : [`contract error: ${signature}`]), ...facts],
    ...(hint !== undefined && { hint }),
  });
}
