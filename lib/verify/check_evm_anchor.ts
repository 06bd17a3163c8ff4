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

/**
 * L1: asks one endpoint about the newest of these anchors that is on its chain. Its event must stand in the receipt, the receipt in
 * the block, the block on the chain, and the contract's code must be ours.
 *
 * @throws {UsageError} when the endpoint's chain is none of the anchors' (exit code 2).
 */
export async function checkEvmAnchor(
  anchors: readonly EvmProofAnchor[],
  endpoint: RpcEndpoint,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly Check[]> {
  const ask = (method: string, ...params: unknown[]) => endpoint.request(method, params, options);
  const checks: Check[] = [];
  try {
    const anchor = await selectAnchor(anchors, endpoint, ask);
    checks.push(await checkBlock(anchor.inclusion, endpoint, ask));
    checks.push(await checkReceipt(anchor, endpoint, ask));
    checks.push(await checkCode(anchor, endpoint, ask));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    checks.push({
      name: "endpoint",
      outcome: "unknown",
      detail: `${endpoint.name} could not be asked: ${error.message}`,
    });
  }
  return checks;
}

type Ask = (method: string, ...params: unknown[]) => Promise<unknown>;
type IncludedAnchor = EvmProofAnchor & { readonly inclusion: ProofInclusion };

async function selectAnchor(
  anchors: readonly EvmProofAnchor[],
  { name }: RpcEndpoint,
  ask: Ask,
): Promise<IncludedAnchor> {
  const chainId = `eip155:${quantity(await ask("eth_chainId"), name)}`;
  const anchor = anchors.findLast((candidate) =>
    candidate.chainId === chainId && candidate.inclusion !== undefined
  );
  if (anchor === undefined) {
    throw new UsageError("Cannot verify the anchor as the endpoint serves another chain", {
      facts: [
        `endpoint: ${name} on ${chainId}`,
        `proof: anchored on ${[...new Set(anchors.map((known) => known.chainId))].join(", ")}`,
      ],
      hint: "give --rpc an endpoint of the proof's chain, or verify with --offline",
    });
  }
  return anchor as IncludedAnchor;
}

async function checkBlock(inclusion: ProofInclusion, { name }: RpcEndpoint, ask: Ask): Promise<Check> {
  const block = await ask("eth_getBlockByNumber", `0x${inclusion.blockNumber.toString(16)}`, false);
  if (block === null) {
    return {
      name: "block",
      outcome: "unknown",
      detail: `${name} does not have block ${inclusion.blockNumber}: it may lag behind`,
    };
  }
  const { hash, timestamp } = record(block, name);
  if (hash !== inclusion.blockHash) {
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
  const time = new Date(inclusion.blockTime * 1_000).toISOString();
  return {
    name: "block",
    outcome: "pass",
    detail: `${name} has block ${inclusion.blockNumber} of ${time} with this hash`,
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
  if (receipt.status !== "0x1") return "the anchor's transaction failed";
  if (receipt.blockHash !== inclusion.blockHash) return "the anchor's transaction is in another block";
  if (quantity(receipt.transactionIndex, name) !== BigInt(inclusion.transactionIndex)) {
    return "the anchor's transaction has another place in its block";
  }
  const logs = Array.isArray(receipt.logs) ? receipt.logs : [];
  const log = logs[inclusion.logIndex] as Json | undefined;
  if (log === undefined) return `the receipt has no event ${inclusion.logIndex}`;
  const expected = anchoredEvent(anchor);
  const topics = Array.isArray(log.topics) ? log.topics : [];
  if (String(log.address).toLowerCase() !== anchor.contract?.toLowerCase()) {
    return "the event is of another contract";
  }
  if (topics.length !== 2 || topics[0] !== ANCHORED_TOPIC) return "the event is not Anchored";
  if (topics[1] !== expected.submitterTopic) return "another submitter anchored";
  const data = String(log.data);
  if (data.length !== 2 + 3 * 64 || data.slice(2, 2 + 2 * 64) !== expected.sizeAndRoot) {
    return "the event commits to another size or root";
  }
  return undefined;
}

/** `Anchored(address indexed submitter, uint64 size, bytes32 root, bytes32 previous)`; `previous` is not the record's business. */
function anchoredEvent({ submitter, size, root }: EvmProofAnchor) {
  return {
    submitterTopic: `0x${(submitter ?? "").slice(2).toLowerCase().padStart(64, "0")}`,
    sizeAndRoot: size.toString(16).padStart(64, "0") + toHex(root),
  };
}

async function checkCode(
  { contract, codeHash }: EvmProofAnchor,
  { name }: RpcEndpoint,
  ask: Ask,
): Promise<Check> {
  const code = String(await ask("eth_getCode", contract, "latest"));
  const bytes = /^0x[0-9a-f]*$/i.test(code) ? fromHex(code.slice(2).toLowerCase()) : undefined;
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

type Json = Readonly<Record<string, unknown>>;

function record(value: unknown, endpoint: string): Json {
  if (typeof value !== "object" || value === null) throw malformed(endpoint);
  return value as Json;
}

function quantity(value: unknown, endpoint: string): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed(endpoint);
  return BigInt(value);
}

function malformed(endpoint: string): PotError {
  return new UnreachableError(`Cannot read the answer of ${endpoint} as it is not proper JSON-RPC`);
}
