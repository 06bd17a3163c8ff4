import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import { UnreachableError } from "../core/errors.ts";

/** What `getHash` answered for one id. */
export interface RecordAnswer {
  readonly transactionId: bigint;
  /** False where it reverted. */
  readonly isFound: boolean;
  /** Its return data, or the revert's. */
  readonly data: `0x${string}`;
}

/**
 * A program that asks the contract for the records from `first` up to, and without, `end`, for `eth_call` to run as if it were
 * about to be deployed (`data` without `to`): one request in place of many, and nothing has to be on the chain for it. As a creation, its
 * answer is bound by the size of a contract's code (EIP-170): 24 576 bytes, some fifty records.
 *
 * It returns, for each id: a word that is 1 unless `getHash` reverted, a word with the length of what that returned, and that.
 */
export function manyRecordsCall(
  contract: `0x${string}`,
  { first, end }: { readonly first: bigint; readonly end: bigint },
): `0x${string}` {
  const selector = encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "getHash", args: [0n] });
  // Without PUSH0, which some networks lack. The stack holds the id and, above it, the place of its answer in memory.
  return `0x${
    [
      `63${selector.slice(2, 10)}60e01b600052`, // memory[0x00] = selector, in the high bytes
      `67${toWord(first)}6040`, // id = first, place = 0x40
      "5b", // loop, at 0x16:
      "81600452", // memory[0x04] = id
      `600060006024600073${contract.slice(2).toLowerCase()}5afa`, // staticcall(gas, contract, 0x00, 36, 0, 0)
      "8152", // memory[place] = whether it returned
      "3d8160200152", // memory[place + 32] = length of what it returned
      "3d6000826040013e", // memory[place + 64 …] = what it returned
      "3d01604001", // place += 64 + length
      "9060010190", // id += 1
      `67${toWord(end)}8210601657`, // again while id < end
      "604090036040f3", // return memory[0x40 … place]
    ].join("")
  }`;
}

/**
 * Takes apart what {@linkcode manyRecordsCall} returned.
 *
 * @throws {UnreachableError} when it is not the answers to exactly those ids.
 */
export function parseRecordAnswers(
  answer: `0x${string}`,
  { first, end }: { readonly first: bigint; readonly end: bigint },
): readonly RecordAnswer[] {
  const answers: RecordAnswer[] = [];
  let at = 2;
  const take = (digits: number): string => {
    const taken = answer.slice(at, at + digits);
    if (taken.length !== digits) throw malformed();
    at += digits;
    return taken;
  };
  for (let transactionId = first; transactionId < end; transactionId++) {
    const isFound = BigInt(`0x${take(64)}`) === 1n;
    const lengthBytes = BigInt(`0x${take(64)}`);
    if (lengthBytes > BigInt(answer.length)) throw malformed();
    answers.push({ transactionId, isFound, data: `0x${take(2 * Number(lengthBytes))}` });
  }
  if (at !== answer.length) throw malformed();
  return answers;
}

function toWord(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

function malformed(): UnreachableError {
  return new UnreachableError("Cannot read from the contract as the answer to many calls is malformed", {
    hint: "use another endpoint in RPC_URL",
  });
}
