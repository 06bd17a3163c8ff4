import { encodeFunctionData, getAddress, parseAbi } from "viem/utils";
import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { PotError, UsageError } from "../core/errors.ts";
import type { ContractCheck } from "./check_contract.ts";
import { NO_ADDRESS } from "./deployment_plan.ts";
import type { SafeCall } from "./safe_file.ts";

/** What a contract's owner can do with it; `accept` is the next owner's. */
export type OwnerAction =
  | { readonly kind: "pause" | "unpause" | "accept" }
  | { readonly kind: "transfer"; readonly to: `0x${string}` }
  | { readonly kind: "retire"; readonly successor: `0x${string}` };

/** An action as a call of the contract. */
export interface OwnerCall {
  /** Completes "Cannot …". */
  readonly purpose: string;
  readonly functionName: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly type: "address";
    readonly value: `0x${string}`;
  }[];
  readonly data: `0x${string}`;
  /** The only account whose call is not refused, EIP-55. */
  readonly caller: `0x${string}`;
}

const ABI = parseAbi([
  "function pauseContract()",
  "function unpauseContract()",
  "function transferOwnership(address newOwner)",
  "function acceptOwnership()",
  "function retire(address successor)",
]);

const PURPOSES: Readonly<Record<OwnerAction["kind"], string>> = {
  pause: "pause the contract",
  unpause: "resume the contract",
  transfer: "offer the contract to another owner",
  accept: "accept the contract",
  retire: "retire the contract",
};

/**
 * The call that does it, or `undefined` where it is done already.
 *
 * @throws {UsageError} for an action that the contract would refuse whoever calls, in words.
 * @throws {PotError} where the contract is not ours, or of a release that cannot do it.
 */
export function planOwnerAction(action: OwnerAction, state: ContractCheck): OwnerCall | undefined {
  const { owner, pendingOwner, isPaused, successor } = state;
  const purpose = PURPOSES[action.kind];
  if (!state.isReleasedCode || owner === undefined) {
    throw new PotError(`Cannot ${purpose} as what is there is no ProofOfTraining contract`, {
      facts: [`contract: ${state.contract}`, `code hash: ${state.codeHash ?? "no code"}`],
      hint: "check CONTRACT_ADDRESS and CHAIN_ID with: pot contract check",
    });
  }
  const isFirstRelease = state.codeHash !== proofOfTrainingCodeHash && successor === undefined;
  const call = (
    functionName: string,
    caller: `0x${string}`,
    inputs: OwnerCall["inputs"] = [],
  ): OwnerCall => ({
    purpose,
    functionName,
    inputs,
    data: encodeFunctionData(
      { abi: ABI, functionName, args: inputs.map(({ value }) => value) } as Parameters<
        typeof encodeFunctionData
      >[0],
    ),
    caller,
  });
  const isRetired = successor !== undefined && successor !== NO_ADDRESS;
  switch (action.kind) {
    case "pause":
      return isPaused ? undefined : call("pauseContract", owner);
    case "unpause":
      if (!isPaused) return undefined;
      if (isRetired) throw retired(purpose, state);
      return call("unpauseContract", owner);
    case "transfer": {
      const to = getAddress(action.to);
      if (to === NO_ADDRESS) {
        throw new UsageError(`Cannot ${purpose} as the zero address cannot own it`, {
          hint: "name the next owner's address",
        });
      }
      // That release hands over at once: a mistyped address would own the contract for good.
      if (isFirstRelease) throw tooOld(purpose, state);
      if (to === pendingOwner || (to === owner && pendingOwner === NO_ADDRESS)) return undefined;
      return call("transferOwnership", owner, [{ name: "newOwner", type: "address", value: to }]);
    }
    case "accept":
      if (isFirstRelease) throw tooOld(purpose, state);
      if (pendingOwner === undefined || pendingOwner === NO_ADDRESS) {
        throw new UsageError(`Cannot ${purpose} as it is offered to nobody`, {
          facts: [`owner: ${owner}`],
          hint: "its owner offers it with: pot contract transfer <address>",
        });
      }
      return call("acceptOwnership", pendingOwner);
    case "retire": {
      if (isFirstRelease) throw tooOld(purpose, state);
      const value = getAddress(action.successor);
      if (successor === value) return undefined;
      if (isRetired) throw retired(purpose, state);
      return call("retire", owner, [{ name: "successor", type: "address", value }]);
    }
  }
}

/** The same for a Safe's owners to read and sign. */
export function safeCallOf(contract: `0x${string}`, { functionName, inputs }: OwnerCall): SafeCall {
  return { to: contract, functionName, inputs };
}

function retired(purpose: string, { contract, successor }: ContractCheck): UsageError {
  return new UsageError(`Cannot ${purpose} as it was retired, for good`, {
    facts: [`contract: ${contract}`, `successor: ${successor}`],
    hint: "use its successor",
  });
}

function tooOld(purpose: string, { contract }: ContractCheck): PotError {
  return new PotError(
    `Cannot ${purpose} as a contract of the first release can only be paused and resumed from here`,
    {
      facts: [`contract: ${contract}`],
      hint: "put a contract of this version in its place with: pot contract migrate",
    },
  );
}
