import { getAddress } from "viem/utils";
import { UnreachableError } from "../core/errors.ts";
import { ChainError } from "./chain_error.ts";
import { getBlockNumber, getCanonicalReceipt } from "./chain_reads.ts";
import type { Deployment } from "./deployment_file.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { findFirstBlock } from "./find_first_block.ts";

/** What a deployment's transaction says of it. */
export type DeploymentFacts = Pick<
  Deployment,
  "transactionHash" | "blockNumber" | "gasUsed" | "deployer" | "deployedAt"
>;

/**
 * Looks for the transaction that deployed a contract through the deployment proxy: by halving to its block, then by its call. Empty
 * where the endpoints don't keep old states.
 */
export async function findDeployment(
  endpoints: Pick<EndpointPool, "read">,
  { address, call, ...options }: PoolCallOptions & {
    readonly address: `0x${string}`;
    readonly call: { readonly to: string; readonly data: string };
  },
): Promise<DeploymentFacts> {
  try {
    const toBlock = await getBlockNumber(endpoints, options);
    const blockNumber = await findFirstBlock(endpoints, address, { ...options, toBlock });
    if (blockNumber === undefined) return {};
    const block = await endpoints.read(
      "eth_getBlockByNumber",
      [`0x${blockNumber.toString(16)}`, true],
      options,
    ) as { readonly transactions?: readonly Readonly<Record<string, unknown>>[] } | null;
    const found = block?.transactions?.find(({ to, input }) =>
      typeof to === "string" && to.toLowerCase() === call.to.toLowerCase() && input === call.data
    );
    if (typeof found?.["hash"] !== "string" || typeof found["from"] !== "string") return { blockNumber };
    const mined = await getCanonicalReceipt(endpoints, [found["hash"]], options);
    if (mined === undefined) return { blockNumber };
    return {
      transactionHash: mined.receipt.transactionHash,
      blockNumber,
      gasUsed: mined.receipt.gasUsed,
      deployer: getAddress(found["from"]),
      deployedAt: new Date(mined.block.timestamp * 1_000).toISOString(),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    // The contract is there and its code is right: how it came there is worth a look, not a failure.
    if (error instanceof ChainError || error instanceof UnreachableError) return {};
    throw error;
  }
}
