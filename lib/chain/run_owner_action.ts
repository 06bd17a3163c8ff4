import { PotError, UsageError } from "../core/errors.ts";
import { checkContract, type CheckContractOptions, type ContractCheck } from "./check_contract.ts";
import { type OwnerAction, type OwnerCall, planOwnerAction } from "./owner_actions.ts";
import type { MinedTransaction, TransactionSender } from "./transaction_sender.ts";

/** What an owner's action is done with. */
export interface RunOwnerActionOptions extends CheckContractOptions {
  /** Signs and pays; must be the owner's. */
  readonly sender: Pick<TransactionSender, "address" | "has" | "send">;
}

/** What became of an action. */
export interface OwnerActionResult {
  /** What the contract says of itself afterwards. */
  readonly state: ContractCheck;
  /** False when it was done already, or an earlier run of this command had sent it. */
  readonly isNew: boolean;
  /** Its transaction, as far as this journal sent it. */
  readonly mined?: MinedTransaction;
}

/**
 * Does one thing that only a contract's owner can, once: a run that was killed is completed by the next one, and what is done already
 * is not done again. The transactions of one action are numbered, so that pausing for a second time is another one.
 *
 * @throws {UsageError} when the account is not the owner's; nothing is sent then.
 * @throws {PotError} when the contract would refuse it.
 */
export async function runOwnerAction(
  action: OwnerAction,
  { sender, ...options }: RunOwnerActionOptions,
): Promise<OwnerActionResult> {
  const { contract, signal } = options;
  let seen: MinedTransaction | undefined;
  for (let n = 1;; n++) {
    const state = await checkContract(options);
    // Of an offer that was accepted nothing is left that could say so, but the owner.
    if (seen !== undefined && action.kind === "accept" && state.owner === sender.address) {
      return { state, isNew: false, mined: seen };
    }
    const call = planOwnerAction(action, state);
    if (call === undefined) return { state, isNew: false, ...(seen && { mined: seen }) };
    const { functionName, inputs, purpose, data } = call;
    const words = [functionName, ...inputs.map(({ value }) => value)].join(" ");
    const request = { key: `owner ${contract} ${words} ${n}`, purpose, to: contract, data };
    if (sender.has(request.key)) {
      // Sent before: seen through where it is under way, and answered from the journal where it is not.
      seen = await sender.send(request, { ...(signal && { signal }) });
      continue;
    }
    assertCaller(call, sender.address);
    if (action.kind === "retire") await assertSuccessor(action.successor, options);
    const mined = await sender.send(request, { ...(signal && { signal }) });
    return { state: await checkContract(options), isNew: true, mined };
  }
}

/**
 * @throws {UsageError} when that account's call would be refused.
 */
export function assertCaller({ purpose, caller, functionName }: OwnerCall, account: string): void {
  if (account === caller) return;
  const isOffer = functionName === "acceptOwnership";
  throw new UsageError(
    `Cannot ${purpose} as ${isOffer ? "it is offered to another account" : "the account does not own it"}`,
    {
      facts: [`account: ${account}`, `${isOffer ? "offered to" : "owner"}: ${caller}`],
      hint: "use that account's key, or write the action into a file for its Safe: --safe <file>",
    },
  );
}

/**
 * @throws {PotError} when the contract would refuse that successor, or it is no contract of this version.
 */
export async function assertSuccessor(
  successor: `0x${string}`,
  { contract, ...options }: CheckContractOptions,
): Promise<void> {
  const next = await checkContract({ ...options, contract: successor });
  if (next.isKnownCode && next.predecessor?.toLowerCase() === contract.toLowerCase()) return;
  throw new PotError("Cannot retire the contract as that one cannot take its place", {
    facts: [
      `contract: ${contract}`,
      `successor: ${successor}`,
      next.isKnownCode
        ? `its predecessor: ${next.predecessor}`
        : `its code hash: ${next.codeHash ?? "no code"}, not one of this version`,
    ],
    hint: "pot contract migrate deploys the right one and retires this one in its favour",
  });
}
