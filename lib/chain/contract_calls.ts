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
}

type ViewName = "paused" | "anchorHead" | "getHash" | "verifyHash";

/** The contract at that address, asked through the pool. */
export function createContractCalls(
  endpoints: Pick<EndpointPool, "read">,
  contract: `0x${string}`,
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
      await endpoints.read("eth_call", [{ to: contract, data }, "latest"], options),
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
        await endpoints.read("eth_getCode", [contract, "latest"], options),
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
        const [hash, metadata, timestamp, blockNumber, submitter] = await call(
          "getHash",
          [transactionId],
          options,
        ) as readonly [string, string, bigint, bigint, string];
        return {
          transactionId: transactionId.toString(),
          hash,
          metadata,
          timestamp: Number(timestamp),
          blockNumber,
          submitter: getAddress(submitter),
        };
      } catch (error) {
        if (!(error instanceof ChainError) || error.kind !== "reverted") throw error;
        const reason = revertError("look up the hash", error.revertData, error.facts);
        if (reason.facts.some((fact) => fact.startsWith("contract error: UnknownTransaction("))) {
          return undefined;
        }
        throw reason;
      }
    },
    async getMatches(hash, transactionId, options) {
      return await call("verifyHash", [hash, transactionId], options) as boolean;
    },
  };
}

function noCode(contract: string): UsageError {
  return new UsageError(`Cannot use the contract as there is no contract code at ${contract}`, {
    hint: "check CONTRACT_ADDRESS and CHAIN_ID, or deploy one: deno task deploy --network <name>",
  });
}
