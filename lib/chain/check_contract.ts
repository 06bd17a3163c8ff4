import { getAddress, keccak256, toFunctionSelector } from "viem/utils";
import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { UnreachableError, UsageError } from "../core/errors.ts";
import { KNOWN_CODE_HASHES } from "../verify/known_contracts.ts";
import { ChainError } from "./chain_error.ts";
import { findDelegation } from "./find_delegation.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { parseData, parseQuantity } from "./rpc_values.ts";

/** What to look at. */
export interface CheckContractOptions {
  /** Its chain id is the one that is meant. */
  readonly endpoints: Pick<EndpointPool, "read" | "chainId">;
  readonly contract: `0x${string}`;
  readonly signal?: AbortSignal;
}

/** What is at an address, as far as it answers: foreign code may lack any of it, a contract of the first release the newer parts. */
export interface ContractCheck {
  /** EIP-55. */
  readonly contract: `0x${string}`;
  readonly hasCode: boolean;
  /** keccak256 of the code. */
  readonly codeHash?: `0x${string}`;
  /** Whether that is the code which this version deploys. */
  readonly isKnownCode: boolean;
  /** Whether that is the code of any release. */
  readonly isReleasedCode: boolean;
  /** What would let other code act in its place; empty for a contract that is what it is. */
  readonly delegations: readonly string[];
  /** EIP-55. */
  readonly owner?: `0x${string}`;
  /** To whom it is offered, EIP-55; zero for nobody. */
  readonly pendingOwner?: `0x${string}`;
  readonly isPaused?: boolean;
  /** What took its place, EIP-55; zero for nothing. */
  readonly successor?: `0x${string}`;
  /** Whose place it took, EIP-55; zero for nobody's. */
  readonly predecessor?: `0x${string}`;
  readonly recordCount?: bigint;
}

const SELECTORS = {
  owner: toFunctionSelector("function owner()"),
  pendingOwner: toFunctionSelector("function pendingOwner()"),
  paused: toFunctionSelector("function paused()"),
  successor: toFunctionSelector("function successor()"),
  predecessor: toFunctionSelector("function predecessor()"),
  recordCount: toFunctionSelector("function getTransactionCount()"),
};

/**
 * Reads what a contract says of itself, and what its code says of it, without changing anything.
 *
 * @throws {UsageError} when the endpoint serves another chain.
 * @throws {UnreachableError} when no endpoint answered.
 */
export async function checkContract(
  { endpoints, contract, signal }: CheckContractOptions,
): Promise<ContractCheck> {
  const read = (method: string, ...params: readonly unknown[]) =>
    endpoints.read(method, params, { ...(signal && { signal }) });
  const seen = parseQuantity(await read("eth_chainId"), "chain id");
  if (seen !== BigInt(endpoints.chainId)) {
    throw new UsageError(
      `Cannot check the contract as the RPC endpoint serves chain id ${seen}, not ${endpoints.chainId}`,
      { hint: "set CHAIN_ID (or the network) and RPC_URL to the same chain" },
    );
  }
  const code = parseData(await read("eth_getCode", contract, "latest"), "contract code");
  const address = getAddress(contract);
  if (code === "0x") {
    return { contract: address, hasCode: false, isKnownCode: false, isReleasedCode: false, delegations: [] };
  }

  /** One word, or `undefined` where this code has no such function. */
  const call = async (data: string): Promise<bigint | undefined> => {
    try {
      const answer = parseData(await read("eth_call", { to: contract, data }, "latest"), "call result");
      return /^0x[0-9a-f]{64}$/.test(answer) ? BigInt(answer) : undefined;
    } catch (error) {
      if (!(error instanceof ChainError) || error instanceof UnreachableError) throw error;
      return undefined;
    }
  };
  const { owner, pendingOwner, paused, successor, predecessor, recordCount } = SELECTORS;
  const [words, isPaused, count, delegations] = await Promise.all([
    Promise.all([owner, pendingOwner, successor, predecessor].map(call)),
    call(paused),
    call(recordCount),
    findDelegation(code, (slot) => read("eth_getStorageAt", contract, slot, "latest")),
  ]);
  const codeHash = keccak256(code);
  const isKnownCode = codeHash === proofOfTrainingCodeHash;
  const names = ["owner", "pendingOwner", "successor", "predecessor"] as const;
  const addresses = names.flatMap((name, i) => {
    const word = words[i];
    if (word === undefined || word >> 160n !== 0n) return [];
    return [[name, getAddress(`0x${word.toString(16).padStart(40, "0")}`)]];
  });
  return {
    contract: address,
    hasCode: true,
    codeHash,
    isKnownCode,
    isReleasedCode: isKnownCode || KNOWN_CODE_HASHES.includes(codeHash),
    delegations,
    ...Object.fromEntries(addresses),
    ...(isPaused !== undefined && isPaused <= 1n && { isPaused: isPaused === 1n }),
    ...(count !== undefined && { recordCount: count }),
  };
}
