import { getAddress, keccak256 } from "viem/utils";
import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { parseData, parseQuantity } from "./rpc_values.ts";

/** What to look at. */
export interface CheckContractOptions {
  /** Its chain id is the one that is meant. */
  readonly endpoints: Pick<EndpointPool, "read" | "chainId">;
  readonly contract: `0x${string}`;
  readonly signal?: AbortSignal;
}

/** What is at an address, as far as it answers. */
export interface ContractCheck {
  readonly hasCode: boolean;
  /** keccak256 of the code. */
  readonly codeHash?: `0x${string}`;
  /** Whether that is the code which this version deploys. */
  readonly isKnownCode: boolean;
  /** EIP-55. */
  readonly owner?: `0x${string}`;
  readonly isPaused?: boolean;
  readonly recordCount?: bigint;
}

// First four bytes of keccak256 of the signatures; tests/contracts/abi_test.ts holds them against the ABI.
const OWNER = "0x8da5cb5b";
const PAUSED = "0x5c975abb";
const GET_TRANSACTION_COUNT = "0x2e7700f0";

/**
 * Looks at a contract without changing anything. Foreign code may lack any of the answers, ours none.
 *
 * @throws {UsageError} when the endpoint serves another chain.
 * @throws {UnreachableError} when no endpoint answered.
 */
export async function checkContract(
  { endpoints, contract, signal }: CheckContractOptions,
): Promise<ContractCheck> {
  const read = (method: string, params: readonly unknown[]) =>
    endpoints.read(method, params, { ...(signal && { signal }) });
  const seen = parseQuantity(await read("eth_chainId", []), "chain id");
  if (seen !== BigInt(endpoints.chainId)) {
    throw new UsageError(
      `Cannot check the contract as the RPC endpoint serves chain id ${seen}, not ${endpoints.chainId}`,
      {
        hint: "set CHAIN_ID (or the network) and RPC_URL to the same chain",
      },
    );
  }
  const code = parseData(await read("eth_getCode", [contract, "latest"]), "contract code");
  if (code === "0x") return { hasCode: false, isKnownCode: false };

  /** One word, or `undefined` where this code has no such function. */
  const call = async (data: string): Promise<bigint | undefined> => {
    try {
      const answer = parseData(await read("eth_call", [{ to: contract, data }, "latest"]), "call result");
      return /^0x[0-9a-f]{64}$/.test(answer) ? BigInt(answer) : undefined;
    } catch (error) {
      if (!(error instanceof PotError) || error instanceof UnreachableError) throw error;
      return undefined;
    }
  };
  const [owner, paused, recordCount] = await Promise.all([
    call(OWNER),
    call(PAUSED),
    call(GET_TRANSACTION_COUNT),
  ]);
  const codeHash = keccak256(code);
  return {
    hasCode: true,
    codeHash,
    isKnownCode: codeHash === proofOfTrainingCodeHash,
    ...(owner !== undefined && owner >> 160n === 0n &&
      { owner: getAddress(`0x${owner.toString(16).padStart(40, "0")}`) }),
    ...(paused !== undefined && paused <= 1n && { isPaused: paused === 1n }),
    ...(recordCount !== undefined && { recordCount }),
  };
}
