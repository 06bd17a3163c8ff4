import { decodeFunctionResult, encodeFunctionData, getAddress, keccak256 } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import { UnreachableError, UsageError } from "../core/errors.ts";
import type { StoredHash } from "./chain_client.ts";
import { ChainError } from "./chain_error.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { revertError } from "./revert_reason.ts";
import { parseData } from "./rpc_values.ts";

/** What the contract can be asked without a key. */
export interface ContractCalls {
  /**
   * keccak256 of the contract's code.
   *
   * @throws UsageError when there is no code at the address.
   */
  getCodeHash(options?: PoolCallOptions): Promise<`0x${string}`>;
  getPaused(options?: PoolCallOptions): Promise<boolean>;
  /** The size that the submitter anchored last, 0 for none. */
  getAnchoredSize(submitter: `0x${string}`, options?: PoolCallOptions): Promise<bigint>;
  /** `undefined` for an id that is not stored. */
  getStoredHash(transactionId: bigint, options?: PoolCallOptions): Promise<StoredHash | undefined>;
  getMatches(hash: string, transactionId: bigint, options?: PoolCallOptions): Promise<boolean>;
  /** How many hashes are stored, which is also the newest id. */
  getTransactionCount(options?: PoolCallOptions): Promise<bigint>;
  /** The submitter's chain of heads in one word (IProofOfTraining.anchorHead), zero for none. */
  getAnchorHead(submitter: `0x${string}`, options?: PoolCallOptions): Promise<`0x${string}`>;
  /** The contract whose logs go on in this one, EIP-55; `undefined` for none, and for a release that knows of none. */
  getPredecessor(options?: PoolCallOptions): Promise<`0x${string}` | undefined>;
}

type ViewName = "paused" | "anchorHead" | "getHash" | "verifyHash" | "getTransactionCount" | "predecessor";

/** Which state is asked for: a tag, a number (`0x…`), or one block by its hash (EIP-1898). */
export type BlockReference = string | { readonly blockHash: string; readonly requireCanonical: true };

/** The contract at that address, asked through the pool. */
export function createContractCalls(
  endpoints: Pick<EndpointPool, "read">,
  contract: `0x${string}`,
  { block = "latest" }: { /** @default "latest" */ readonly block?: BlockReference } = {},
): ContractCalls {
  async function call(
    functionName: ViewName,
    args: readonly unknown[],
    options: PoolCallOptions = {},
  ): Promise<unknown> {
    // viem types this for one function at a time; the callers below know what each returns.
    const data = encodeFunctionData(
      { abi: proofOfTrainingAbi, functionName, args } as Parameters<typeof encodeFunctionData>[0],
    );
    const answer = parseData(
      await endpoints.read("eth_call", [{ to: contract, data }, block], options),
      "call result",
    );
    if (answer === "0x") throw noCode(contract);
    try {
      return decodeFunctionResult({ abi: proofOfTrainingAbi, functionName, data: answer });
    } catch {
      throw new UnreachableError(
        `Cannot read from the contract as the answer to ${functionName} cannot be decoded`,
        {
          facts: [`contract: ${contract}`],
          hint: "check CONTRACT_ADDRESS: another contract may be there",
        },
      );
    }
  }

  return {
    async getCodeHash(options) {
      const code = parseData(
        await endpoints.read("eth_getCode", [contract, block], options),
        "contract code",
      );
      if (code === "0x") throw noCode(contract);
      return keccak256(code);
    },
    async getPaused(options) {
      return await call("paused", [], options) as boolean;
    },
    async getAnchoredSize(submitter, options) {
      // The size is in the high 64 bits, a hash chain below it (IProofOfTraining.anchorHead).
      return BigInt(await call("anchorHead", [submitter], options) as string) >> 192n;
    },
    async getStoredHash(transactionId, options) {
      try {
        return toStoredHash(transactionId, await call("getHash", [transactionId], options));
      } catch (error) {
        if (!(error instanceof ChainError) || error.kind !== "reverted") throw error;
        return refusedHash(error.revertData, error.facts);
      }
    },
    async getMatches(hash, transactionId, options) {
      return await call("verifyHash", [hash, transactionId], options) as boolean;
    },
    async getTransactionCount(options) {
      return await call("getTransactionCount", [], options) as bigint;
    },
    async getAnchorHead(submitter, options) {
      return await call("anchorHead", [submitter], options) as `0x${string}`;
    },
    async getPredecessor(options) {
      try {
        const address = await call("predecessor", [], options) as `0x${string}`;
        return BigInt(address) === 0n ? undefined : getAddress(address);
      } catch (error) {
        if (error instanceof ChainError && error.kind === "reverted") return undefined;
        throw error;
      }
    },
  };
}

/** What `getHash` returned, decoded from its values. */
export function toStoredHash(transactionId: bigint, values: unknown): StoredHash {
  const [hash, metadata, timestamp, blockNumber, submitter] = values as readonly [
    string,
    string,
    bigint,
    bigint,
    string,
  ];
  return {
    transactionId: transactionId.toString(),
    hash,
    metadata,
    timestamp: Number(timestamp),
    blockNumber,
    submitter: getAddress(submitter),
  };
}

/**
 * What a `getHash` that reverted says: `undefined` for an id that is not stored.
 *
 * @throws PotError for any other reason.
 */
export function refusedHash(revertData: `0x${string}` | undefined, facts: readonly string[]): undefined {
  const reason = revertError("look up the hash", revertData, facts);
  if (reason.facts.some((fact) => fact.startsWith("contract error: UnknownTransaction("))) return undefined;
  throw reason;
}

function noCode(contract: string): UsageError {
  return new UsageError(`Cannot use the contract as there is no contract code at ${contract}`, {
    hint: "check CONTRACT_ADDRESS and CHAIN_ID, or deploy one: deno task deploy --network <name>",
  });
}
