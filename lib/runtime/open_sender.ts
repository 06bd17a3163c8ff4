import { join } from "node:path";
import { createEndpointPool, type EndpointPool } from "../chain/endpoint_pool.ts";
import { createEvmSender } from "../chain/evm_sender.ts";
import { openJournal, type TransactionJournal } from "../chain/journal.ts";
import type { SendingOptions } from "../chain/sending_options.ts";
import { waitForTurn } from "../chain/shared_sender.ts";
import type { TransactionSender } from "../chain/transaction_sender.ts";
import type { Clock } from "../core/clock.ts";
import type { TransactionSigner } from "../core/signer.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { Config, EvmConfig } from "./config.ts";
import { endpointsOf, feePolicyOf, sendingOf } from "./open_chain_client.ts";
import { openSigner } from "./open_signer.ts";
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
 * @throws {PotError} when another process is sending with the same key, and goes on doing so.
 */
export async function openSender(
  config: Config,
  { evm, endpoints, signal }: {
    readonly evm: EvmConfig;
    readonly endpoints: EndpointPool;
    readonly signal?: AbortSignal;
  },
): Promise<TransactionSender> {
  const waiting = { ...(signal && { signal }) };
  const signer = await openSigner(config, waiting);
  const open = () => openSenderOf(signer, { config, evm, endpoints });
  return (await waitForTurn(open, { clock: systemClock, ...waiting })).sender;
}

/** Which account sends, and on what terms. */
export interface OpenSenderOfOptions {
  readonly config: Config;
  readonly evm: EvmConfig;
  readonly endpoints: EndpointPool;
  /** Hold the journal. @default the real disk */
  readonly files?: FileLayer;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** In place of the configured terms. */
  readonly sending?: SendingOptions;
}

/**
 * The sender of that signer with its journal, which is disposed together with it.
 *
 * @throws {PotError} when another process is sending with the same key.
 */
export async function openSenderOf(
  signer: TransactionSigner,
  { config, evm, endpoints, files = denoFiles, clock = systemClock, sending }: OpenSenderOfOptions,
): Promise<{ readonly sender: TransactionSender; readonly journal: TransactionJournal }> {
  const { chainId, confirmations } = evm;
  const folder = join(config.home, "journal");
  const journal = await openJournal({ folder, address: signer.address, chainId, files });
  const sender = createEvmSender({
    endpoints,
    signer,
    journal,
    feePolicy: feePolicyOf(evm),
    confirmations,
    clock,
    ...sendingOf(config, evm),
    ...sending,
  });
  return { sender, journal };
}
