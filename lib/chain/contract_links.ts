import { getAddress, toFunctionSelector } from "viem/utils";
import { UnreachableError } from "../core/errors.ts";
import { KNOWN_CODE_HASHES } from "../verify/known_contracts.ts";
import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { ChainError } from "./chain_error.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { parseData } from "./rpc_values.ts";
import { getCodeHash } from "./run_deployment.ts";

type Reads = Pick<EndpointPool, "read">;

/** Far more than anyone will ever migrate; a loop of foreign contracts must not keep us going. */
const MAX_LINKS = 32;

const SELECTORS = {
  successor: toFunctionSelector("function successor()"),
  predecessor: toFunctionSelector("function predecessor()"),
};

/**
 * The contracts that took a contract's place, one after the other; the last one takes writes. Only a released contract that names the
 * one before as its predecessor counts, as a link to anything else would lead evidence astray.
 *
 * @throws UnreachableError when it could not be found out.
 */
export async function getSuccessors(
  endpoints: Reads,
  contract: `0x${string}`,
  options: PoolCallOptions = {},
): Promise<readonly `0x${string}`[]> {
  const found: `0x${string}`[] = [];
  for (let at = getAddress(contract); found.length < MAX_LINKS;) {
    const next = await getLink(endpoints, at, { ...options, name: "successor" });
    if (next === undefined || !await isReleased(endpoints, next, options)) break;
    if (await getLink(endpoints, next, { ...options, name: "predecessor" }) !== at) break;
    found.push(next);
    at = next;
  }
  return found;
}

/** The contracts whose place a contract took, the newest first. */
export async function getPredecessors(
  endpoints: Reads,
  contract: `0x${string}`,
  options: PoolCallOptions = {},
): Promise<readonly `0x${string}`[]> {
  const found: `0x${string}`[] = [];
  for (let at = contract; found.length < MAX_LINKS;) {
    const before = await getLink(endpoints, at, { ...options, name: "predecessor" });
    if (before === undefined || !await isReleased(endpoints, before, options)) break;
    found.push(before);
    at = before;
  }
  return found;
}

/** The address that a contract gives; `undefined` for none, or where it has no such function. */
async function getLink(
  endpoints: Reads,
  contract: `0x${string}`,
  { name, ...options }: PoolCallOptions & { readonly name: keyof typeof SELECTORS },
): Promise<`0x${string}` | undefined> {
  try {
    const call = { to: contract, data: SELECTORS[name] };
    const answer = parseData(await endpoints.read("eth_call", [call, "latest"], options), "call result");
    if (!/^0x0{24}[0-9a-f]{40}$/.test(answer) || /^0x0+$/.test(answer)) return undefined;
    return getAddress(`0x${answer.slice(26)}`);
  } catch (error) {
    // The first release has no such function.
    if (error instanceof ChainError && !(error instanceof UnreachableError)) return undefined;
    throw error;
  }
}

async function isReleased(
  endpoints: Reads,
  contract: `0x${string}`,
  options: PoolCallOptions,
): Promise<boolean> {
  const codeHash = await getCodeHash(endpoints, contract, { ...options, block: "latest" });
  return codeHash !== undefined &&
    (codeHash === proofOfTrainingCodeHash || KNOWN_CODE_HASHES.includes(codeHash));
}
