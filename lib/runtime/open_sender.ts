import { join } from "node:path";
import { createEndpointPool, type EndpointPool } from "../chain/endpoint_pool.ts";
import { createEvmSender } from "../chain/evm_sender.ts";
import { openJournal } from "../chain/journal.ts";
import type { TransactionSender } from "../chain/transaction_sender.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config, EvmConfig } from "./config.ts";
import { endpointsOf, feePolicyOf, sendingOf } from "./open_chain_client.ts";
import { openKeySource } from "./open_key_source.ts";
import { systemClock } from "./system_clock.ts";

/** The endpoints of a configured chain. Nothing is asked yet. */
export function openEndpoints(evm: EvmConfig): EndpointPool {
  return createEndpointPool({ ...endpointsOf(evm), clock: systemClock });
}

/**
 * The sender of the configured key, past any contract client: for deployments and the owner's actions. It holds the key's journal
 * until it is disposed.
 *
 * @throws {UsageError} when there is no key, or it does not open.
 * @throws {PotError} when another process is sending with the same key.
 */
export async function openSender(
  config: Config,
  { evm, endpoints, signal }: {
    readonly evm: EvmConfig;
    readonly endpoints: EndpointPool;
    readonly signal?: AbortSignal;
  },
): Promise<TransactionSender> {
  const signer = await openKeySource(config).open({ ...(signal && { signal }) });
  const { chainId, confirmations } = evm;
  const folder = join(config.home, "journal");
  const journal = await openJournal({ folder, address: signer.address, chainId, files: denoFiles });
  return createEvmSender({
    endpoints,
    signer,
    journal,
    feePolicy: feePolicyOf(evm),
    confirmations,
    clock: systemClock,
    ...sendingOf(config, evm),
  });
}
