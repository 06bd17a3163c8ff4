import { formatEther, keccak256 } from "viem/utils";
import type { Clock } from "../core/clock.ts";
import { PotError, UnreachableError } from "../core/errors.ts";
import { getLatestBlock } from "./chain_reads.ts";
import {
  DEPLOYMENT_PROXY,
  PROXY_CODE,
  PROXY_COST_WEI,
  PROXY_DEPLOYER,
  PROXY_GAS_PRICE_WEI,
  PROXY_TRANSACTION,
} from "./create2.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { parseData, parseQuantity } from "./rpc_values.ts";
import type { SendRequest, TransactionSender } from "./transaction_sender.ts";

/** What the proxy is looked at and made with. */
export interface DeploymentProxyOptions {
  readonly endpoints: Pick<EndpointPool, "read" | "broadcast">;
  readonly signal?: AbortSignal;
}

/** Whether the deployment proxy is there, and what it takes to make it. */
export type ProxyState =
  | { readonly isThere: true }
  | {
    readonly isThere: false;
    /** What its deployer's account lacks for its one transaction. */
    readonly missingWei: bigint;
    /** Why it cannot be made, follows "as". */
    readonly obstacle?: string;
  };

const PROXY_CODE_HASH = keccak256(PROXY_CODE);
const WAIT_MS = 120_000;

/** Looks for the deployment proxy (create2.ts). Changes nothing. */
export async function findDeploymentProxy(
  { endpoints, signal }: Pick<DeploymentProxyOptions, "signal"> & {
    readonly endpoints: Pick<EndpointPool, "read">;
  },
): Promise<ProxyState> {
  const options = { ...(signal && { signal }) };
  const read = (method: string, ...params: unknown[]) => endpoints.read(method, params, options);
  const code = parseData(await read("eth_getCode", DEPLOYMENT_PROXY, "latest"), "contract code");
  if (code !== "0x" && keccak256(code) === PROXY_CODE_HASH) return { isThere: true };
  if (code !== "0x") {
    return { isThere: false, missingWei: 0n, obstacle: "other code is at the deployment proxy's address" };
  }
  const nonce = parseQuantity(await read("eth_getTransactionCount", PROXY_DEPLOYER, "latest"), "nonce");
  const balance = parseQuantity(await read("eth_getBalance", PROXY_DEPLOYER, "latest"), "balance");
  const { baseFeePerGasWei = 0n } = await getLatestBlock(endpoints, options);
  const missingWei = balance < PROXY_COST_WEI ? PROXY_COST_WEI - balance : 0n;
  if (nonce > 0n) {
    return {
      isThere: false,
      missingWei,
      obstacle: "the one transaction that makes the deployment proxy has failed on this chain",
    };
  }
  if (baseFeePerGasWei > PROXY_GAS_PRICE_WEI) {
    return {
      isThere: false,
      missingWei,
      obstacle: "a unit of gas costs more than the 100 gwei that the deployment proxy's transaction can pay",
    };
  }
  return { isThere: false, missingWei };
}

/** The transaction that gives the proxy's deployer what it lacks. */
export function fundProxyRequest(missingWei: bigint): SendRequest {
  return {
    key: `fund the deployment proxy with ${missingWei}`,
    purpose: "pay for the deployment proxy",
    to: PROXY_DEPLOYER,
    data: "0x",
    valueWei: missingWei,
  };
}

/**
 * Makes the deployment proxy where it is missing: asks whether the endpoint would take its transaction at all, gives its deployer what
 * that costs, sends it, and waits for it. Does nothing where the proxy is there.
 *
 * @throws {PotError} where it cannot be made on this chain; nothing is spent then.
 * @throws {UnreachableError} when it was not seen in time; run it again, nothing is paid twice.
 */
export async function ensureDeploymentProxy(
  { sender, clock, ...options }: DeploymentProxyOptions & {
    readonly sender: Pick<TransactionSender, "send">;
    readonly clock: Clock;
  },
): Promise<void> {
  const { endpoints, signal } = options;
  const state = await findDeploymentProxy(options);
  if (state.isThere) return;
  if (state.obstacle !== undefined) throw proxyMissing(state.obstacle);
  if (state.missingWei > 0n) {
    // An endpoint that takes it but for the money says so; one that wants a chain id in every transaction says that.
    const { failures, isAccepted } = await broadcast();
    const refusal = failures.find(({ failure }) => !failure.isRetryable);
    if (!isAccepted && refusal !== undefined && refusal.failure.kind !== "insufficient-funds") {
      throw proxyMissing("no endpoint takes its transaction, which names no chain", [
        `${refusal.endpoint}: ${refusal.failure.detail}`,
      ]);
    }
    await sender.send(fundProxyRequest(state.missingWei), { ...(signal && { signal }) });
  }
  const giveUpAtMs = clock.now() + WAIT_MS;
  while (!(await findDeploymentProxy(options)).isThere) {
    await broadcast();
    if (clock.now() >= giveUpAtMs) {
      throw new UnreachableError(
        "Cannot tell whether the deployment proxy is there as it is not in a block yet",
        {
          hint: "run the same command again: nothing is paid twice",
        },
      );
    }
    await clock.sleep(1_000, { ...(signal && { signal }) });
  }

  async function broadcast() {
    const [outcome] = await endpoints.broadcast([PROXY_TRANSACTION], { ...(signal && { signal }) });
    return outcome!;
  }
}

/** The error for a chain on which the address cannot be the same as elsewhere. */
export function proxyMissing(reason: string, facts: readonly string[] = []): PotError {
  return new PotError(`Cannot deploy under the same address as on other chains as ${reason}`, {
    facts: [
      `deployment proxy: ${DEPLOYMENT_PROXY}, not on this chain`,
      `its deployer: ${PROXY_DEPLOYER}, needs ${formatEther(PROXY_COST_WEI)} of the chain's currency`,
      ...facts,
    ],
    hint: "use --create: the contract then has an address of its own on this chain",
  });
}
