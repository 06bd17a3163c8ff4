import { join } from "node:path";
import { deployContract, type DeployResult } from "../chain/deploy_contract.ts";
import { createEndpointPool } from "../chain/endpoint_pool.ts";
import { createEvmSender } from "../chain/evm_sender.ts";
import { openJournal } from "../chain/journal.ts";
import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import { createEnvKeySource } from "../keys/env_key_source.ts";
import type { Config, EvmConfig } from "./config.ts";
import { feePolicyOf } from "./open_chain_client.ts";
import { systemClock } from "./system_clock.ts";

export interface DeployOptions {
  /** Who may pause and hand over. @default the deploying account */
  readonly owner?: `0x${string}`;
  /** Deploy once more although a contract is there. @default false */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Deploys the contract to the configured chain, once; what `deno task deploy` and `pot contract deploy` do.
 *
 * @throws {UsageError} when no chain or no key is configured, or the endpoint serves another chain.
 * @throws {PotError} when the account cannot pay.
 */
export async function deploy(
  config: Config,
  { owner, force, signal }: DeployOptions = {},
): Promise<DeployResult> {
  const evm = requireEvm(config);
  const signer = await createEnvKeySource({ privateKey: evm.privateKey }).open();
  const { chainId, rpcUrls: urls, confirmations, network } = evm;
  const endpoints = createEndpointPool({ urls, chainId, clock: systemClock });
  const feePolicy = feePolicyOf(evm);
  const folder = join(config.home, "journal");
  const journal = await openJournal({ folder, address: signer.address, chainId, files: denoFiles });
  await using sender = createEvmSender({
    endpoints,
    signer,
    journal,
    feePolicy,
    confirmations,
    clock: systemClock,
  });
  return await deployContract({
    endpoints,
    sender,
    feePolicy,
    folder: config.folder,
    ...(network === undefined ? {} : { currency: network.currency }),
    ...(owner === undefined ? {} : { owner }),
    ...(force === undefined ? {} : { force }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The chain's part of a configuration; throws where there is none. */
export function requireEvm({ chain, evm }: Config): EvmConfig {
  if (chain === "evm" && evm !== undefined) return evm;
  throw new UsageError("Cannot reach a chain as none is configured", {
    hint: "set RPC_URL and CHAIN_ID (or POT_NETWORK); chain must not be local",
  });
}
