import {
  deployContract,
  type DeploymentChoice,
  type DeployResult,
  lookBeforeDeployment,
} from "../chain/deploy_contract.ts";
import { readDeployment } from "../chain/deployment_file.ts";
import { type DeploymentEstimate, estimateDeployment } from "../chain/estimate_deployment.ts";
import { findNetwork } from "../chain/networks.ts";
import { getCodeHash } from "../chain/run_deployment.ts";
import { UsageError } from "../core/errors.ts";
import { isLoopback } from "../core/is_loopback.ts";
import type { Config, EvmConfig } from "./config.ts";
import { feePolicyOf } from "./open_chain_client.ts";
import { openEndpoints, openSender } from "./open_sender.ts";
import { showKey } from "./show_key.ts";
import { systemClock } from "./system_clock.ts";

/** How to deploy. */
export interface DeployOptions extends Pick<DeploymentChoice, "owner" | "method" | "force"> {
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
  { signal, ...choice }: DeployOptions = {},
): Promise<DeployResult> {
  const evm = requireEvm(config);
  const endpoints = openEndpoints(evm);
  const waiting = { ...(signal && { signal }) };
  await using sender = await openSender(config, { evm, endpoints, ...waiting });
  return await deployContract({
    endpoints,
    sender,
    feePolicy: feePolicyOf(evm),
    clock: systemClock,
    folder: config.folder,
    ...networkWords(evm),
    ...choice,
    ...waiting,
  });
}

/** What a deployment would do, and cost. */
export interface DeployPreview {
  readonly chainId: number;
  /** The preset's name. */
  readonly network?: string;
  /** Symbol of what gas is paid in. */
  readonly currency: string;
  /** Real money would be spent, as far as is known. */
  readonly isMain: boolean;
  /** Where the contract is, or would be; unknown with a plain CREATE. */
  readonly address?: string;
  /** It is there already, so there is nothing to do. */
  readonly isThere: boolean;
  /** Who would own it; unknown where no key is configured and no owner given. */
  readonly owner?: string;
  /** Absent where it is there already, or nobody is known who would pay. */
  readonly estimate?: DeploymentEstimate;
  /** What the account lacks. */
  readonly missingWei?: bigint;
  /** Where the test network's currency is given away. */
  readonly faucets: readonly string[];
  /** The network to try it on first, and whether this installation has. */
  readonly tryFirst?: { readonly network: string; readonly isDone: boolean };
}

/**
 * Looks at everything a deployment would, and changes nothing. An encrypted key stays closed.
 *
 * @throws {UsageError} when no chain is configured, or the endpoint serves another chain.
 */
export async function previewDeployment(
  config: Config,
  { signal, ...choice }: DeployOptions = {},
): Promise<DeployPreview> {
  const evm = requireEvm(config);
  const endpoints = openEndpoints(evm);
  const waiting = { ...(signal && { signal }) };
  const sender = (await showKey(config, { unlock: false }))?.address as `0x${string}` | undefined;
  const owner = choice.owner ?? sender;
  const { chainId, network } = evm;
  const { currency, faucets = [] } = networkWords(evm);
  const common = {
    chainId,
    ...(network === undefined ? {} : { network: network.name }),
    currency,
    isMain: isMainNetwork(evm),
    ...(owner === undefined ? {} : { owner }),
    faucets,
    ...await tryFirst(config, evm),
  };
  if (owner === undefined) {
    throw new UsageError("Cannot work out the deployment as neither key nor owner is given", {
      hint: "set POT_KEY_SOURCE, POT_KEYSTORE or PRIVATE_KEY, or give --owner",
    });
  }
  const { folder } = config;
  const { before, plan } = await lookBeforeDeployment({ endpoints, folder, ...choice, owner, ...waiting });
  if (plan === undefined) return { ...common, address: before!.contractAddress, isThere: true };
  const { address } = plan;
  const where = address === undefined ? {} : { address };
  const isThere = address !== undefined &&
    await getCodeHash(endpoints, address, { block: "latest", ...waiting }) !== undefined;
  if (isThere || sender === undefined) return { ...common, ...where, isThere };
  const feePolicy = feePolicyOf(evm);
  const estimate = await estimateDeployment(plan, { endpoints, address: sender, feePolicy, ...waiting });
  const missingWei = estimate.maxCostWei - estimate.balanceWei;
  return { ...common, ...where, isThere, estimate, missingWei: missingWei > 0n ? missingWei : 0n };
}

/** The chain's part of a configuration; throws where there is none. */
export function requireEvm({ chain, evm }: Config): EvmConfig {
  if (chain === "evm" && evm !== undefined) return evm;
  throw new UsageError("Cannot reach a chain as none is configured", {
    hint: "set RPC_URL and CHAIN_ID (or POT_NETWORK); chain must not be local",
  });
}

/** What messages about money on that chain need. */
export function networkWords({ network }: EvmConfig): {
  readonly currency: string;
  readonly faucets?: readonly string[];
} {
  const { currency = "ETH", faucets } = network ?? {};
  return { currency, ...(faucets === undefined ? {} : { faucets }) };
}

/** Whether a chain's currency is worth something. One without a preset counts, unless all its endpoints are on this machine. */
export function isMainNetwork({ network, rpcUrls }: EvmConfig): boolean {
  if (network !== undefined) return !network.isTestnet;
  return !rpcUrls.every((url) => isLoopback(new URL(url).hostname));
}

async function tryFirst({ folder }: Config, { network }: EvmConfig) {
  if (network?.testNetwork === undefined) return {};
  const { name, chainId } = findNetwork(network.testNetwork);
  const isDone = await readDeployment(folder, chainId) !== undefined;
  return { tryFirst: { network: name, isDone } };
}
