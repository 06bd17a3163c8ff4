import { PotError } from "../core/errors.ts";
import { ChainError, chainErrorOf } from "./chain_error.ts";
import type { DefiniteOutcome, EndpointPool } from "./endpoint_pool.ts";
import { revertError } from "./revert_reason.ts";
import { parseQuantity } from "./rpc_values.ts";
import type { SendRequest } from "./transaction_sender.ts";

/** Gas units that a request needs now, without a margin, or why the chain would refuse it. */
export type GasEstimate =
  | { readonly ok: true; readonly gas: bigint }
  | { readonly ok: false; readonly error: PotError };

/**
 * Estimates each request's gas, all in one go.
 *
 * @throws UnreachableError when no endpoint could be asked.
 */
export async function estimateGas(
  requests: readonly Pick<SendRequest, "to" | "data" | "purpose" | "valueWei">[],
  { endpoints, address, signal }: {
    readonly endpoints: Pick<EndpointPool, "readMany">;
    readonly address: string;
    readonly signal?: AbortSignal;
  },
): Promise<readonly GasEstimate[]> {
  if (requests.length === 0) return [];
  // Without fee fields, so that an account without funds is told so in our words.
  const calls = requests.map(({ to, data, valueWei }) => ({
    method: "eth_estimateGas",
    params: [{
      from: address,
      data,
      ...(to !== undefined && { to }),
      ...(valueWei !== undefined && { value: `0x${valueWei.toString(16)}` }),
    }],
  }));
  const outcomes = await endpoints.readMany(calls, { ...(signal && { signal }) });
  return requests.map(({ purpose }, at) => toEstimate(purpose, outcomes[at]!));
}

function toEstimate(purpose: string, outcome: DefiniteOutcome): GasEstimate {
  if (outcome.ok) return { ok: true, gas: parseQuantity(outcome.result, "gas estimate") };
  const error = chainErrorOf("estimate the gas", outcome);
  if (error instanceof ChainError && error.kind === "reverted") {
    return { ok: false, error: revertError(purpose, error.revertData) };
  }
  return {
    ok: false,
    error: new PotError(`Cannot ${purpose} as the gas it needs cannot be estimated`, { facts: error.facts }),
  };
}
