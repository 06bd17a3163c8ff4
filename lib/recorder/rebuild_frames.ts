import type { StoredHash } from "../chain/chain_client.ts";
import type { AnchoredEvent, HashStoredEvent } from "../chain/contract_events.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";

/** A `HashStored` event with its transaction. */
export interface PlacedHashStored extends HashStoredEvent {
  readonly kind: "hash";
  readonly transactionHash: `0x${string}`;
}

/** An `Anchored` event with its place. */
export interface PlacedAnchored extends AnchoredEvent {
  readonly kind: "anchor";
  readonly transactionHash: `0x${string}`;
  /** Of the chain it is on. */
  readonly blockNumber: bigint;
  readonly blockHash: `0x${string}`;
}

/** What the contract told when it was written to. */
export type EvidenceEvent = PlacedHashStored | PlacedAnchored;

/** A run begins to read at that block. */
export interface PinFrame {
  readonly type: "pin";
  readonly number: bigint;
  readonly hash: `0x${string}`;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** All events up to and with `toBlock` are here. */
export interface RangeFrame {
  readonly type: "range";
  readonly toBlock: bigint;
  /** How many blocks the endpoint gives at once. */
  readonly rangeBlocks: number;
  readonly events: readonly EvidenceEvent[];
}

/** What is stored under the ids from `first` on. */
export interface HashesFrame {
  readonly type: "hashes";
  readonly first: bigint;
  /** `null` where nothing is. */
  readonly hashes: readonly (StoredHash | null)[];
}

/** What is known of the anchor at that place among all anchors. */
export interface AnchorFrame {
  readonly type: "anchor";
  /** From 0. */
  readonly at: bigint;
  /** The block's number as the EVM gave it, where it is not the chain's own. */
  readonly evmBlockNumber?: bigint;
  /** A line of the anchor store without its note; absent where the transaction could not be read. */
  readonly anchor?: unknown;
  /** Why it is absent. */
  readonly problem?: string;
}

/** All is read; files are being written. */
export interface WritingFrame {
  readonly type: "writing";
}

export type RebuildFrame = PinFrame | RangeFrame | HashesFrame | AnchorFrame | WritingFrame;

const TYPES: readonly unknown[] = ["pin", "range", "hashes", "anchor", "writing"];
/** Marks a bigint in JSON: no text of ours begins like this. */
const BIGINT = "\u0000n";

/** A frame as UTF-8 JSON, its type first. */
export function encodeRebuildFrame({ type, ...rest }: RebuildFrame): Uint8Array {
  const json = JSON.stringify({ type, ...rest }, (_, value) => {
    if (typeof value === "bigint") return `${BIGINT}${value}`;
    // Anybody may store any metadata.
    return typeof value === "string" && value.startsWith("\u0000") ? `\u0000s${value}` : value;
  });
  return new TextEncoder().encode(json);
}

/** Whether {@linkcode encodeRebuildFrame} made those bytes of a frame of that type, told by how they begin. */
export function isFrameOf(bytes: Uint8Array, type: RebuildFrame["type"]): boolean {
  const start = new TextEncoder().encode(`{"type":"${type}"`);
  return equalBytes(bytes.subarray(0, start.length), start);
}

/**
 * Reads {@linkcode encodeRebuildFrame}'s bytes back.
 *
 * @throws {PotError} for anything else.
 */
export function decodeRebuildFrame(bytes: Uint8Array): RebuildFrame {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes), (_, value) => {
    if (typeof value !== "string" || !value.startsWith("\u0000")) return value;
    return value.startsWith(BIGINT) ? BigInt(value.slice(BIGINT.length)) : value.slice(2);
  });
  if (TYPES.includes((value as { readonly type?: unknown } | null)?.type)) return value as RebuildFrame;
  throw new PotError("Cannot go on with the rebuild as its progress is of another version of pot", {
    hint: "delete the file that ends in .progress, and start again",
  });
}
