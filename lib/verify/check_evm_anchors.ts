import { keccak_256 } from "@noble/hashes/sha3.js";
import { type PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { fromHex, toHex } from "../core/hex.ts";
import { anchoredEventProblem } from "./anchored_event.ts";
import { KNOWN_CODE_HASHES } from "./known_contracts.ts";
import type { ReceiptLog } from "./parse_receipt.ts";
import type { EvmAnchor, ProofInclusion } from "./proof.ts";
import type { RpcEndpoint } from "./rpc_endpoint.ts";
import type { Check } from "./verdict.ts";

/** Taken for final where an endpoint has no "finalized" tag: two epochs of Ethereum, as the recorder counts. */
const FINAL_DEPTH = 64n;
/** Asked about at most, so that a hostile proof cannot make its reader send thousands of requests. */
const MAX_ASKED_ANCHORS = 100;

/** An anchor that says where it stands on its chain. */
export type IncludedAnchor = EvmAnchor & { readonly inclusion: ProofInclusion };

/** An anchor to ask about. */
export interface AskedAnchor {
  /** Its position in the proof. */
  readonly position: number;
  readonly anchor: IncludedAnchor;
  /** Its receipt proof holds, so that the block's hash stands for the event. */
  readonly isProvenInBlock: boolean;
}

/** What one endpoint says about one anchor. `unknown`: it could not tell. */
export interface EndpointAnswer {
  /** Its position in the proof. */
  readonly position: number;
  /** `yes`: the block is on the chain, the event in it, the contract's code ours. */
  readonly says: "yes" | "no" | "unknown";
  /** It also showed the block to be final. */
  readonly isFinal: boolean;
  /** Whether it confirmed the hash of the transaction too. */
  readonly knowsTransaction: boolean;
}

/** What one endpoint had to say. */
export interface EndpointFindings {
  readonly endpoint: string;
  /** CAIP-2; `undefined` where it did not even answer that. */
  readonly chainId: string | undefined;
  readonly checks: readonly Check[];
  /** One for each anchor on its chain. */
  readonly answers: readonly EndpointAnswer[];
}

/** How an endpoint is asked. */
export interface AskOptions {
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal;
  /** Whether to ask if the block is final also where the proof does not claim it. @default false */
  readonly wantsFinality?: boolean;
}

/**
 * Asks one endpoint about every one of these anchors that is on its chain: the block must be on the chain, the event in the
 * receipt, the receipt in the block, and the contract's code ours. An anchor that is not does not keep it from asking about the
 * next; an endpoint that does not answer is not asked again.
 *
 * @throws {UsageError} when the endpoint's chain is none of the anchors' (exit code 2).
 */
export async function checkEvmAnchors(
  anchors: readonly AskedAnchor[],
  endpoint: RpcEndpoint,
  { signal, wantsFinality = false }: AskOptions = {},
): Promise<EndpointFindings> {
  const { name } = endpoint;
  const ask = askOnce(endpoint, signal === undefined ? {} : { signal });
  const checks: Check[] = [];
  const answers: EndpointAnswer[] = [];
  let chainId: string | undefined;
  try {
    const here = await selectAnchors(anchors, name, ask);
    chainId = here[0]!.anchor.chainId;
    for (const asked of here.slice(0, MAX_ASKED_ANCHORS)) {
      const steps = await climb(asked, { name, ask, wantsFinality });
      checks.push(...steps.checks.map((check) => ({ ...check, anchor: asked.position, endpoint: name })));
      answers.push({ position: asked.position, ...steps.answer });
      if (steps.isOver === true) break;
    }
    if (here.length > MAX_ASKED_ANCHORS) {
      const detail = `${name} was asked about the first ${MAX_ASKED_ANCHORS} anchors of its chain only`;
      checks.push({ name: "endpoint", outcome: "unknown", detail, endpoint: name });
    }
  } catch (error) {
    checks.push({ ...outage(error, name), endpoint: name });
  }
  return { endpoint: name, chainId, checks, answers };
}

interface Climb {
  readonly name: string;
  readonly ask: Ask;
  readonly wantsFinality: boolean;
}

interface Climbed {
  readonly checks: readonly Check[];
  readonly answer: Omit<EndpointAnswer, "position">;
  /** The endpoint does not answer: the next question would fail too. */
  readonly isOver?: boolean;
}

async function climb(asked: AskedAnchor, { name, ask, wantsFinality }: Climb): Promise<Climbed> {
  const checks: Check[] = [];
  const { anchor } = asked;
  const cannotTell = { says: "unknown", isFinal: false, knowsTransaction: false } as const;
  try {
    let knowsTransaction = true;
    for (const step of [checkBlock, checkReceipt, checkCode]) {
      const { isOnlyByBlock, ...check } = await step(asked, name, ask);
      checks.push(check);
      if (check.outcome === "fail") return { checks, answer: { ...cannotTell, says: "no" } };
      if (check.outcome === "unknown") return { checks, answer: cannotTell };
      if (isOnlyByBlock === true) knowsTransaction = false;
    }
    // One endpoint is not asked what the proof does not claim.
    const asksFinality = wantsFinality || anchor.state === "final";
    const finality = asksFinality ? await checkFinality(anchor, name, ask) : undefined;
    if (finality !== undefined) checks.push(finality);
    return { checks, answer: { says: "yes", isFinal: finality?.outcome === "pass", knowsTransaction } };
  } catch (error) {
    return { checks: [...checks, outage(error, name)], answer: cannotTell, isOver: true };
  }
}

function outage(error: unknown, name: string): Check {
  if (!(error instanceof UnreachableError)) throw error;
  const detail = `${name} could not be asked: ${error.message}`;
  return { name: "endpoint", outcome: "unknown", detail };
}

/** A step's result; `isOnlyByBlock` where the event follows from the block's hash and the proof's own receipt. */
type Step = Check & { readonly isOnlyByBlock?: boolean };

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
  anchors: readonly AskedAnchor[],
  name: string,
  ask: Ask,
): Promise<readonly AskedAnchor[]> {
  const chainId = `eip155:${quantity(await ask("eth_chainId"), name)}`;
  const here = anchors.filter(({ anchor }) => anchor.chainId === chainId);
  if (here.length > 0) return here;
  throw new UsageError("Cannot verify the anchor as the endpoint serves another chain", {
    facts: [
      `endpoint: ${name} on ${chainId}`,
      `proof: anchored on ${[...new Set(anchors.map(({ anchor }) => anchor.chainId))].join(", ")}`,
    ],
    hint: "give --rpc an endpoint of the proof's chain, or verify with --offline",
  });
}

async function checkBlock({ anchor }: AskedAnchor, name: string, ask: Ask): Promise<Step> {
  const { inclusion } = anchor;
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

async function checkReceipt({ anchor, isProvenInBlock }: AskedAnchor, name: string, ask: Ask): Promise<Step> {
  const { transactionHash } = anchor.inclusion;
  const receipt = await askForReceipt(transactionHash, ask, isProvenInBlock);
  if (receipt === null && isProvenInBlock) {
    return {
      name: "event",
      outcome: "pass",
      detail: `${name} no longer has the receipt; the one in the proof is in that block`,
      isOnlyByBlock: true,
    };
  }
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
      `${anchor.submitter} anchored size ${anchor.size} and this root in transaction ${transactionHash}`,
  };
}

/** `null` where the endpoint has none. Where the proof holds the receipt, an error says no more than that: pruned nodes answer so. */
async function askForReceipt(transactionHash: string, ask: Ask, isProvenInBlock: boolean): Promise<unknown> {
  try {
    return await ask("eth_getTransactionReceipt", transactionHash);
  } catch (error) {
    if (isProvenInBlock && error instanceof UnreachableError) return null;
    throw error;
  }
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
  return anchoredEventProblem(toLog(record(log, name), name), anchor);
}

function toLog({ address, topics, data }: Json, name: string): ReceiptLog {
  if (!Array.isArray(topics)) throw malformed(name);
  return {
    address: hexBytes(address, name),
    topics: topics.map((topic) => hexBytes(hash32(topic, name), name)),
    data: hexBytes(data, name),
  };
}

async function checkCode({ anchor }: AskedAnchor, name: string, ask: Ask): Promise<Step> {
  const { contract, codeHash } = anchor;
  const bytes = hexBytes(await ask("eth_getCode", contract, "latest"), name);
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
async function checkFinality({ inclusion, state }: IncludedAnchor, name: string, ask: Ask): Promise<Check> {
  const isFinal = inclusion.blockNumber <= await getFinalizedBlockNumber(name, ask);
  return isFinal
    ? { name: "finality", outcome: "pass", detail: `block ${inclusion.blockNumber} is final on ${name}` }
    : {
      name: "finality",
      outcome: "unknown",
      detail: `block ${inclusion.blockNumber} is not final on ${name}${
        state === "final" ? ", although the proof says so" : " yet"
      }`,
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

function hexBytes(value: unknown, endpoint: string): Uint8Array {
  const bytes = fromHex(hexText(value, endpoint).slice(2));
  if (bytes === undefined) throw malformed(endpoint);
  return bytes;
}

function hash32(value: unknown, endpoint: string): string {
  const text = hexText(value, endpoint);
  if (text.length !== 66) throw malformed(endpoint);
  return text;
}

function malformed(endpoint: string): PotError {
  return new UnreachableError(`Cannot read the answer of ${endpoint} as it is not proper JSON-RPC`);
}
