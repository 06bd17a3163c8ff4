import { ChainError, NoAnswerError } from "./chain_error.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { parseData } from "./rpc_values.ts";

/**
 * The block in which the contract was deployed, found by halving, as its code is there from that block on. `undefined` where the endpoints
 * don't keep old states: then nobody but the deployment file knows.
 *
 * @param toBlock a block at which the contract is there
 */
export async function findFirstBlock(
  endpoints: Pick<EndpointPool, "read">,
  contract: `0x${string}`,
  { toBlock, ...options }: PoolCallOptions & { readonly toBlock: bigint },
): Promise<bigint | undefined> {
  let [without, withCode] = [-1n, toBlock];
  try {
    while (withCode - without > 1n) {
      const middle = (without + withCode) / 2n;
      const code = await endpoints.read("eth_getCode", [contract, `0x${middle.toString(16)}`], {
        ...options,
        // Asking again does not bring a state back.
        isHopeless: ({ kind }) => kind === "behind",
      });
      if (parseData(code, "contract code") === "0x") without = middle;
      else withCode = middle;
    }
    return withCode;
  } catch (error) {
    options.signal?.throwIfAborted();
    const isForgotten = error instanceof ChainError ||
      error instanceof NoAnswerError && error.failures.some(({ failure }) => failure.kind === "behind");
    if (!isForgotten) throw error;
    return undefined;
  }
}
