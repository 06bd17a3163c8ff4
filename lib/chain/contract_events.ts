import { decodeEventLog, encodeEventTopics, getAddress, keccak256, toBytes } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import type { LogHead } from "../core/log_head.ts";
import { toHex } from "../core/hex.ts";
import type { TransactionLog } from "./transaction_sender.ts";

/** An `Anchored` event. */
export interface AnchoredEvent {
  /** EIP-55. */
  readonly submitter: `0x${string}`;
  readonly size: bigint;
  /** `0x` and 64 hex characters. */
  readonly root: `0x${string}`;
  /** The submitter's head before it, zero for none: `0x` and 64 hex characters. */
  readonly previous: `0x${string}`;
}

/** The `HashStored` event of one record. */
export interface HashStoredEvent {
  readonly transactionId: bigint;
  /** keccak256 of the hash's 64 characters: the event does not hold the hash itself. */
  readonly hashTopic: `0x${string}`;
  /** EIP-55. */
  readonly submitter: `0x${string}`;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly blockNumber: bigint;
}

/** Topics that only `Anchored` events of that submitter have. */
export function anchoredTopics(submitter: `0x${string}`): readonly `0x${string}`[] {
  const topics = encodeEventTopics({ abi: proofOfTrainingAbi, eventName: "Anchored", args: { submitter } });
  // No filter on what follows them.
  return topics as `0x${string}`[];
}

/** Topics that only `HashStored` events of that submitter have. */
export function hashStoredTopics(submitter: `0x${string}`): readonly (`0x${string}` | null)[] {
  const topics = encodeEventTopics({ abi: proofOfTrainingAbi, eventName: "HashStored", args: { submitter } });
  return topics as (`0x${string}` | null)[];
}

/** Topics that both kinds of events have which are evidence, whoever submitted them. */
export function evidenceTopics(): readonly (readonly `0x${string}`[])[] {
  return [
    (["HashStored", "Anchored"] as const).map((eventName) =>
      encodeEventTopics({ abi: proofOfTrainingAbi, eventName })[0]!
    ),
  ];
}

/** `undefined` for a log of another contract or event. */
export function parseAnchored(log: TransactionLog, contract: string): AnchoredEvent | undefined {
  const event = parseEvent(log, contract);
  if (event?.eventName !== "Anchored") return undefined;
  const { submitter, size, root, previous } = event.args;
  return { submitter: getAddress(submitter), size, root, previous };
}

/** `undefined` for a log of another contract or event. */
export function parseHashStored(log: TransactionLog, contract: string): HashStoredEvent | undefined {
  const event = parseEvent(log, contract);
  if (event?.eventName !== "HashStored") return undefined;
  const { transactionId, hashValue, submitter, timestamp, blockNumber } = event.args;
  return {
    transactionId, // An indexed string is its hash; viem types it as the string.
    hashTopic: hashValue as `0x${string}`,
    submitter: getAddress(submitter),
    timestamp: Number(timestamp),
    blockNumber,
  };
}

/** What `HashStored` has in place of the hash. */
export function hashTopic(hash: string): `0x${string}` {
  return keccak256(toBytes(hash));
}

/** Whether the event commits to exactly that head, by that account. */
export function isAnchorOf(
  event: AnchoredEvent | undefined,
  { size, root }: LogHead,
  submitter: string,
): boolean {
  return event !== undefined && event.size === size && event.root === `0x${toHex(root)}` &&
    event.submitter === submitter;
}

function parseEvent({ address, topics, data }: TransactionLog, contract: string) {
  if (address.toLowerCase() !== contract.toLowerCase()) return undefined;
  try {
    return decodeEventLog({
      abi: proofOfTrainingAbi,
      topics: topics as [`0x${string}`, ...`0x${string}`[]],
      data,
    });
  } catch {
    // An event of another ABI.
    return undefined;
  }
}
