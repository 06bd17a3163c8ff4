import { keccak_256 } from "@noble/hashes/sha3.js";
import { type PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { fromHex, toHex } from "../core/hex.ts";
import { KNOWN_CODE_HASHES } from "./known_contracts.ts";
import type { EvmProofAnchor, ProofInclusion } from "./proof.ts";
import type { RpcEndpoint } from "./rpc_endpoint.ts";
import type { Check } from "./verdict.ts";

/** keccak256("Anchored(address,uint64,bytes32,bytes32)"). */
export const ANCHORED_TOPIC: string = `0x${
  toHex(
    keccak_256(new TextEncoder().encode("Anchored(address,uint64,bytes32,bytes32)")),
  )
}`;

/** Taken for final where an endpoint has no "finalized" tag: two epochs of Ethereum, as the recorder counts. */
const FINAL_DEPTH = 64n;

/** An anchor that says where it stands on its chain. */
export type IncludedAnchor = EvmProofAnchor & { readonly inclusion: ProofInclusion };

/** What one endpoint had to say. */
export interface EndpointFindings {
  readonly checks: readonly Check[];
  /** Anchors whose event, block and contract it confirmed; `isFinal` where it also showed the block to be final. */
  readonly confirmed: readonly { readonly anchor: IncludedAnchor; readonly isFinal: boolean }[];
}

/**
 * L1: asks one endpoint about every one of these anchors that is on its chain. The block must be on the chain, the event in the
 * receipt, the receipt in the block, and the contract's code ours. The first anchor that fails, or that it cannot answer for, ends it.
 *
 * @throws {UsageError} when the endpoint's chain is none of the anchors' (exit code 2).
 */
export async function checkEvmAnchors(
  anchors: readonly IncludedAnchor[],
  endpoint: RpcEndpoint,
  options: { readonly signal?: AbortSignal } = {},
): Promise<EndpointFindings> {
  const checks: Check[] = [];
  const confirmed: EndpointFindings["confirmed"][number][] = [];
  const ask = askOnce(endpoint, options);
  try {
    for (const anchor of await selectAnchors(anchors, endpoint, ask)) {
      const steps = [checkBlock, checkReceipt, checkCode];
      for (const step of steps) {
        const check = await step(anchor, endpoint, ask);
        checks.push(check);
        if (check.outcome !== "pass") return { checks, confirmed };
      }
      // What the proof does not claim is not asked.
      if (anchor.state === "final") checks.push(await checkFinality(anchor, endpoint, ask));
      confirmed.push({
        anchor,
        isFinal: anchor.state === "final" && checks.at(-1)?.outcome === "pass",
      });
    }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    checks.push({
      name: "endpoint",
      outcome: "unknown",
      detail: `${endpoint.name} could not be asked: ${error.message}`,
    });
  }
  return { checks, confirmed };
}

type Ask = (method: string, ...params: unknown[]) => Promise<unknown>;

/** Each question once, so that a proof that repeats an anchor a thousand times costs its reader no thousand requests. */
function askOnce(endpoint: RpcEndpoint, options: { readonly signal?: AbortSignal }): Ask {
  const answers = new Map<string, Promise<unknown>>();
  return (method, ...params) => {
    const key = JSON.stringify([method, params]);
    const answer = answers.get(key) ?? endpoint.request(method, params, options);
    answers.set(key, answer);
    return answer;
  };
}

async function selectAnchors(
  anchors: readonly IncludedAnchor[],
  { name }: RpcEndpoint,
  ask: Ask,
): Promise<readonly IncludedAnchor[]> {
  const chainId = `eip155:${quantity(await ask("eth_chainId"), name)}`;
  const here = anchors.filter((anchor) => anchor.chainId === chainId);
  if (here.length > 0) return here;
  throw new UsageError("Cannot verify the anchor as the endpoint serves another chain", {
    facts: [
      `endpoint: ${name} on ${chainId}`,
      `proof: anchored on ${[...new Set(anchors.map((known) => known.chainId))].join(", ")}`,
    ],
    hint: "give --rpc an endpoint of the proof's chain, or verify with --offline",
  });
}

async function checkBlock({ inclusion }: IncludedAnchor, { name }: RpcEndpoint, ask: Ask): Promise<Check> {
  const block = await ask("eth_getBlockByNumber", `0x${inclusion.blockNumber.toString(16)}`, false);
  if (block === null) {
    return {
      name: "block",
      outcome: "unknown",
      detail: `${name} does not have block ${inclusion.blockNumber}: it may lag behind`,
    };
  }
  const { hash, timestamp } = record(block, name);
  if (hash32(hash, name) !== inclusion.blockHash) {
    return {
      name: "block",
      outcome: "fail",
      detail: `block ${inclusion.blockNumber} has another hash on ${name}: the anchor is not on this chain`,
    };
  }
  if (quantity(timestamp, name) !== BigInt(inclusion.blockTime)) {
    return {
      name: "block",
      outcome: "fail",
      detail: `block ${inclusion.blockNumber} has another time than the proof says`,
    };
  }
  return {
    name: "block",
    outcome: "pass",
    detail: `${name} has block ${inclusion.blockNumber} of ${
      new Date(inclusion.blockTime * 1_000).toISOString()
    } with this hash`,
  };
}

async function checkReceipt(anchor: IncludedAnchor, { name }: RpcEndpoint, ask: Ask): Promise<Check> {
  const receipt = await ask("eth_getTransactionReceipt", anchor.inclusion.transactionHash);
  if (receipt === null) {
    return {
      name: "event",
      outcome: "unknown",
      detail: `${name} does not have the receipt: it may have pruned it`,
    };
  }
  const problem = receiptProblem(record(receipt, name), anchor, name);
  if (problem !== undefined) return { name: "event", outcome: "fail", detail: problem };
  return {
    name: "event",
    outcome: "pass",
    detail:
      `${anchor.submitter} anchored size ${anchor.size} and this root in transaction ${anchor.inclusion.transactionHash}`,
  };
}

function receiptProblem(receipt: Json, anchor: IncludedAnchor, name: string): string | undefined {
  const { inclusion } = anchor;
  if (quantity(receipt.status, name) !== 1n) return "the anchor's transaction failed";
  if (hash32(receipt.transactionHash, name) !== inclusion.transactionHash) {
    return "the receipt is of another transaction";
  }
  if (hash32(receipt.blockHash, name) !== inclusion.blockHash) {
    return "the anchor's transaction is in another block";
  }
  if (quantity(receipt.transactionIndex, name) !== BigInt(inclusion.transactionIndex)) {
    return "the anchor's transaction has another place in its block";
  }
  if (!Array.isArray(receipt.logs)) throw malformed(name);
  const log: unknown = receipt.logs[inclusion.logIndex];
  if (log === undefined) return `the receipt has no event ${inclusion.logIndex}`;
  return eventProblem(record(log, name), anchor, name);
}

/** `Anchored(address indexed submitter, uint64 size, bytes32 root, bytes32 previous)`; `previous` is not the record's business. */
function eventProblem({ address, topics, data }: Json, anchor: IncludedAnchor, name: string) {
  const { contract, submitter = "", size, root } = anchor;
  if (!Array.isArray(topics)) throw malformed(name);
  if (hexText(address, name) !== contract?.toLowerCase()) return "the event is of another contract";
  const [topic, account] = topics.map((entry) => hash32(entry, name));
  if (topics.length !== 2 || topic !== ANCHORED_TOPIC) return "the event is not Anchored";
  if (account !== `0x${submitter.slice(2).toLowerCase().padStart(64, "0")}`) {
    return "another submitter anchored";
  }
  const words = hexText(data, name).slice(2);
  const sizeAndRoot = size.toString(16).padStart(64, "0") + toHex(root);
  if (words.length !== 3 * 64 || !words.startsWith(sizeAndRoot)) {
    return "the event commits to another size or root";
  }
  return undefined;
}

async function checkCode(
  { contract, codeHash }: IncludedAnchor,
  { name }: RpcEndpoint,
  ask: Ask,
): Promise<Check> {
  const bytes = fromHex(hexText(await ask("eth_getCode", contract, "latest"), name).slice(2));
  if (bytes === undefined) throw malformed(name);
  if (bytes.length === 0) {
    return { name: "code", outcome: "fail", detail: `there is no contract at ${contract}` };
  }
  const actual = `0x${toHex(keccak_256(bytes))}`;
  if (actual !== codeHash) {
    return {
      name: "code",
      outcome: "fail",
      detail: `the contract's code hash is ${actual}, not the proof's`,
    };
  }
  if (!KNOWN_CODE_HASHES.includes(actual)) {
    return {
      name: "code",
      outcome: "fail",
      detail: `the code at ${contract} is no released ProofOfTraining contract (${actual})`,
    };
  }
  return { name: "code", outcome: "pass", detail: `${contract} is a released ProofOfTraining contract` };
}

/** Not final here is never "no": the endpoint may be behind the one that the proof's writer asked. */
async function checkFinality({ inclusion }: IncludedAnchor, { name }: RpcEndpoint, ask: Ask): Promise<Check> {
  const isFinal = inclusion.blockNumber <= await getFinalizedBlockNumber(name, ask);
  return isFinal
    ? { name: "finality", outcome: "pass", detail: `block ${inclusion.blockNumber} is final on ${name}` }
    : {
      name: "finality",
      outcome: "unknown",
      detail: `block ${inclusion.blockNumber} is not final on ${name}, although the proof says so`,
    };
}

async function getFinalizedBlockNumber(name: string, ask: Ask): Promise<bigint> {
  try {
    const block = await ask("eth_getBlockByNumber", "finalized", false);
    if (block !== null) return quantity(record(block, name).number, name);
  } catch (error) {
    // A network without finality refuses the tag, and that looks the same.
    if (!(error instanceof UnreachableError)) throw error;
  }
  return quantity(await ask("eth_blockNumber"), name) - FINAL_DEPTH;
}

type Json = Readonly<Record<string, unknown>>;

function record(value: unknown, endpoint: string): Json {
  if (typeof value !== "object" || value === null) throw malformed(endpoint);
  return value as Json;
}

function quantity(value: unknown, endpoint: string): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed(endpoint);
  return BigInt(value);
}

/** `0x` and hex digits, in lower case. */
function hexText(value: unknown, endpoint: string): string {
  if (typeof value !== "string" || !/^0x[0-9a-f]*$/i.test(value)) throw malformed(endpoint);
  return value.toLowerCase();
}

function hash32(value: unknown, endpoint: string): string {
  const text = hexText(value, endpoint);
  if (text.length !== 66) throw malformed(endpoint);
  return text;
}

function malformed(endpoint: string): PotError {
  return new UnreachableError(`Cannot read the answer of ${endpoint} as it is not proper JSON-RPC`);
}
