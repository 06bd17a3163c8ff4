import { join } from "node:path";
import type { ChainClient } from "../chain/chain_client.ts";
import { createChainClient } from "../chain/create_chain_client.ts";
import type { EndpointFailure } from "../chain/chain_error.ts";
import type { SendingOptions } from "../chain/sending_options.ts";
import { UsageError } from "../core/errors.ts";
import type { FeePolicy } from "../core/fee_policy.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Clock } from "../core/clock.ts";
import type { Config, EvmConfig } from "./config.ts";
import { createRotationGuard } from "./key_rotation_guard.ts";
import { openLogKey } from "./log_key.ts";
import { openSigner, type Writer } from "./open_signer.ts";
import { openWritePause } from "./open_write_pause.ts";
import { resolveContract } from "./resolve_contract.ts";
import { systemClock } from "./system_clock.ts";

export interface OpenChainClientOptions {
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Told, in a line, what a person should know of and do something about. @default nobody */
  readonly onNotice?: (line: string) => void;
  /** Signs in place of the configured key. @default the configured key, as long as it is in force */
  readonly writer?: Writer;
  /** Told of each call to an endpoint, with the endpoint's name. @default nobody */
  readonly onRpcCall?: (endpoint: string, method: string) => void;
  /** Told of each request that an endpoint did not answer properly. @default nobody */
  readonly onRpcFailure?: (endpoint: string) => void;
}

/**
 * The chain client that a configuration asks for. Nothing is asked of an endpoint yet.
 *
 * @throws {UsageError} when the chain is evm and there is no contract to talk to.
 */
export async function openChainClient(
  config: Config,
  { clock = systemClock, onNotice, writer, onRpcCall, onRpcFailure }: OpenChainClientOptions = {},
): Promise<ChainClient> {
  const randomUuid = () => crypto.randomUUID();
  const local = {
    path: join(config.home, "provenance_records.jsonl"),
    indexPath: join(config.home, "provenance_records.sqlite"),
    origin: (await openLogKey(config.home)).name,
    files: denoFiles,
    clock,
    randomUuid,
  };
  if (config.chain === "local" || config.evm === undefined) {
    return await createChainClient({ chain: "local", local });
  }
  const { confirmations } = config.evm;
  return await createChainClient({
    chain: "evm",
    fallback: config.fallback,
    local,
    evm: {
      ...endpointsOf(config.evm),
      ...(onRpcCall && { onCall: onRpcCall }),
      ...(onRpcFailure && { onFailure: onRpcFailure }),
      ...(onNotice && {
        onUntrusted: ({ endpoint, failure }: EndpointFailure) =>
          onNotice(`endpoint-untrusted: ${endpoint} is left out as ${failure.detail}`),
      }),
      contract: await requireContract(config, config.evm),
      confirmations,
      feePolicy: feePolicyOf(config.evm),
      journalFolder: join(config.home, "journal"),
      files: denoFiles,
      clock,
      randomUuid,
      sending: { ...sendingOf(config, config.evm, onNotice), ...(writer && { mayWrite: writer.mayWrite }) },
      ...(writer === undefined && config.signing === undefined
        ? {}
        : { openSigner: writer?.openSigner ?? (() => openSigner(config)) }),
      onFollow: ({ from, to }) =>
        onNotice?.(
          `the contract ${from} was retired: writing to its successor ${to} (set CONTRACT_ADDRESS to it)`,
        ),
    },
  });
}

/** How a configuration has transactions sent. */
export function sendingOf(
  { home }: Pick<Config, "home">,
  { sending: { limits, maxInFlight, stuckAfterMs, finalQuorum } }: EvmConfig,
  onNotice?: (line: string) => void,
): SendingOptions {
  return {
    limits,
    pause: openWritePause({ home }),
    mayWrite: createRotationGuard(home),
    ...(onNotice && { onEvent: ({ name, detail }) => onNotice(`${name}: ${detail}`) }),
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    ...(stuckAfterMs === undefined ? {} : { stuckAfterMs }),
    ...(finalQuorum === undefined ? {} : { finalQuorum }),
  };
}

/** Which endpoints a configuration names, and how they are to be asked. */
export function endpointsOf({ rpcUrls: urls, chainId, rpcSelection: selection, rpcRate }: EvmConfig) {
  return {
    urls,
    chainId,
    ...(selection === undefined ? {} : { selection }),
    ...(rpcRate === undefined ? {} : { requestsPerSecond: rpcRate }),
  };
}

/** The fee limits of a configuration, as the sender wants them. */
export function feePolicyOf(
  { maxFeePerGasWei, fixedFeePerGasWei, maxPriorityFeePerGasWei: priorityCapWei, sending }: EvmConfig,
): FeePolicy {
  const { maxTransactionCostWei, deferFeeAboveWei: deferAboveWei } = sending;
  return {
    capWei: maxFeePerGasWei,
    ...(maxTransactionCostWei === undefined ? {} : { maxTransactionCostWei }),
    ...(deferAboveWei === undefined ? {} : { deferAboveWei }),
    ...(fixedFeePerGasWei === undefined ? {} : { fixedFeePerGasWei }),
    ...(priorityCapWei === undefined ? {} : { priorityCapWei }),
  };
}

/** The contract, which has to be known. */
export async function requireContract(
  config: Config,
  { chainId, network }: EvmConfig,
): Promise<`0x${string}`> {
  const contract = await resolveContract(config);
  if (contract !== undefined) return contract;
  throw new UsageError("Cannot use the chain as no contract is configured", {
    facts: [`chain: ${network?.name ?? `eip155:${chainId}`}`],
    hint: "set CONTRACT_ADDRESS, or deploy one with: pot contract deploy",
  });
}
