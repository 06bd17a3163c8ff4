import type { Clock } from "../core/clock.ts";
import { PotError } from "../core/errors.ts";
import type { Fetch } from "./http_endpoint.ts";
import { createJsonRpcEndpoint, type JsonRpcEndpoint } from "./json_rpc_endpoint.ts";
import { parseBlock, parseQuantity } from "./rpc_values.ts";

/** How an endpoint is looked at. */
export interface ProbeOptions {
  /** Measures how long answers take, and how old the newest block is. */
  readonly clock: Pick<Clock, "now">;
  /** @default globalThis.fetch */
  readonly fetch?: Fetch;
  /** For one request. @default 10_000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What one endpoint said of its chain. */
export interface EndpointProbe {
  /** Redacted URL. */
  readonly endpoint: string;
  /** Why nothing else is here: it gave no proper answer. */
  readonly failure?: string;
  readonly chainId?: bigint;
  /** Height of its newest block. */
  readonly headNumber?: bigint;
  /** How long ago that block was made, by its own time. */
  readonly headAgeSeconds?: number;
  /** Height of the newest final block; absent where the endpoint has no such tag. */
  readonly finalizedNumber?: bigint;
  /** Of the newest block; absent without EIP-1559. */
  readonly baseFeePerGasWei?: bigint;
  /** What it suggests on top of the base fee, or, without EIP-1559, the whole price. */
  readonly suggestedFeeWei?: bigint;
  /** The median of its answers' times. */
  readonly latencyMs?: number;
}

/**
 * Asks one endpoint what a sender would want to know of it, each question once. What fails is part of the answer.
 *
 * @throws {UsageError} when the URL is none, or is neither HTTPS nor WSS (loopback excepted).
 */
export async function probeEndpoint(
  url: string,
  { clock, fetch = globalThis.fetch, timeoutMs = 10_000, signal }: ProbeOptions,
): Promise<EndpointProbe> {
  const endpoint = createJsonRpcEndpoint(url, { fetch, timeoutMs });
  const { name } = endpoint;
  const timesMs: number[] = [];
  const ask = async (method: string, params: readonly unknown[] = []) => {
    const startMs = clock.now();
    const outcome = await endpoint.call(method, params, { ...(signal && { signal }) });
    timesMs.push(clock.now() - startMs);
    return outcome;
  };
  const chainId = await read(await ask("eth_chainId"), (value) => parseQuantity(value, "chain id"));
  if (typeof chainId !== "bigint") return { endpoint: name, failure: chainId.failure };
  const block = await read(await ask("eth_getBlockByNumber", ["latest", false]), parseBlock);
  if (block === undefined || "failure" in block) {
    return { endpoint: name, chainId, failure: block?.failure ?? "it has no newest block" };
  }
  const finalized = await read(await ask("eth_getBlockByNumber", ["finalized", false]), parseBlock);
  const { baseFeePerGasWei } = block;
  const feeMethod = baseFeePerGasWei === undefined ? "eth_gasPrice" : "eth_maxPriorityFeePerGas";
  const fee = await read(await ask(feeMethod), (value) => parseQuantity(value, "fee"));
  return {
    endpoint: name,
    chainId,
    headNumber: block.number,
    headAgeSeconds: Math.max(0, Math.round(clock.now() / 1_000 - block.timestamp)),
    ...(finalized !== undefined && !("failure" in finalized) && { finalizedNumber: finalized.number }),
    ...(baseFeePerGasWei !== undefined && { baseFeePerGasWei }),
    ...(typeof fee === "bigint" && { suggestedFeeWei: fee }),
    latencyMs: median(timesMs),
  };
}

function read<T>(
  outcome: Awaited<ReturnType<JsonRpcEndpoint["call"]>>,
  parse: (value: unknown) => T,
): T | { readonly failure: string } {
  if (!outcome.ok) return { failure: outcome.failure.detail };
  try {
    return parse(outcome.result);
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    return { failure: error.message };
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
