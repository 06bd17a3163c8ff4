import { checkContract, type ContractCheck } from "../chain/check_contract.ts";
import { createEndpointPool } from "../chain/endpoint_pool.ts";
import { UsageError } from "../core/errors.ts";
import type { Config } from "./config.ts";
import { requireEvm } from "./deploy.ts";
import { resolveContract } from "./resolve_contract.ts";
import { systemClock } from "./system_clock.ts";

export interface InspectedContract extends ContractCheck {
  readonly contract: `0x${string}`;
  readonly chainId: number;
}

/**
 * Looks at the configured contract without changing anything.
 *
 * @throws {UsageError} when no chain or no contract is configured, or the endpoint serves another chain.
 * @throws {UnreachableError} when no endpoint answers.
 */
export async function inspectContract(
  config: Config,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<InspectedContract> {
  const { chainId, rpcUrls: urls } = requireEvm(config);
  const contract = await resolveContract(config);
  if (contract === undefined) {
    throw new UsageError("Cannot check the contract as none is configured", {
      hint: "set CONTRACT_ADDRESS, or deploy one with: pot contract deploy",
    });
  }
  const endpoints = createEndpointPool({ urls, chainId, clock: systemClock });
  const found = await checkContract({ endpoints, contract, ...(signal === undefined ? {} : { signal }) });
  return { contract, chainId, ...found };
}
