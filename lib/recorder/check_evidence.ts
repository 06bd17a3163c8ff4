import { nextAnchorHead, NO_HEAD } from "../chain/anchor_heads.ts";
import type { StoredHash } from "../chain/chain_client.ts";
import { hashTopic } from "../chain/contract_events.ts";
import type { AnchorFrame, PlacedAnchored, PlacedHashStored } from "./rebuild_frames.ts";
import type { RebuildProgress } from "./rebuild_progress.ts";

/** Something that does not fit together. A mismatch is never written anywhere; a note only says why less came back. */
export interface RebuildFinding {
  readonly severity: "mismatch" | "note";
  /** What it is about, such as `stored hash 7`. */
  readonly subject: string;
  readonly detail: string;
}

/** A stored hash that agrees with its event, or an anchor that the contract's own state commits to. */
export type CheckedItem =
  | { readonly kind: "hash"; readonly stored: StoredHash; readonly event: PlacedHashStored }
  | { readonly kind: "anchor"; readonly event: PlacedAnchored; readonly frame: AnchorFrame };

export interface CheckEvidenceOptions {
  /** `getTransactionCount` at the pinned block. */
  readonly count: bigint;
  readonly trusted: TrustedAnchors;
  readonly onFinding: (finding: RebuildFinding) => void;
}

/**
 * What a rebuild may build on, in the order of the chain: each stored hash is compared with what its event said when it was stored, and each
 * anchor with the contract's chain of heads. All else is named and left out.
 */
export async function* checkEvidence(
  progress: Pick<RebuildProgress, "events" | "hashes" | "facts">,
  options: CheckEvidenceOptions,
): AsyncGenerator<CheckedItem, void> {
  const { count, trusted, onFinding } = options;
  for (const finding of trusted.findings) onFinding(finding);
  const hashes = progress.hashes()[Symbol.asyncIterator]();
  const facts = progress.facts()[Symbol.asyncIterator]();
  let read = await hashes.next();
  let lastId = 0n;
  let at = 0n;
  const mismatch = (subject: string, detail: string) => onFinding({ severity: "mismatch", subject, detail });
  for await (const event of progress.events()) {
    if (event.kind === "anchor") {
      const frame = (await facts.next()).value as AnchorFrame;
      if (trusted.places.has(at++)) yield { kind: "anchor", event, frame };
      continue;
    }
    const id = event.transactionId;
    const subject = `stored hash ${id}`;
    if (id <= lastId) {
      mismatch(subject, `an event says that it was stored a second time, in ${event.transactionHash}`);
      continue;
    }
    if (id > count) {
      mismatch(subject, `there is an event, but the contract holds ${count}`);
      continue;
    }
    if (id > lastId + 1n) mismatch(idsText(lastId + 1n, id - 1n), MISSING_EVENT);
    lastId = id;
    while (!read.done && read.value.id < id) read = await hashes.next();
    const stored = read.done || read.value.id !== id ? null : read.value.stored;
    const problem = disagreement(stored, event);
    if (problem !== undefined) mismatch(subject, problem);
    else yield { kind: "hash", stored: stored!, event };
  }
  if (lastId < count) mismatch(idsText(lastId + 1n, count), MISSING_EVENT);
}

const MISSING_EVENT = "the contract holds it, but no endpoint shows the event of its storing";

function idsText(first: bigint, last: bigint): string {
  return first === last ? `stored hash ${first}` : `stored hashes ${first} to ${last}`;
}

/** In what a stored hash and its event differ. */
function disagreement(stored: StoredHash | null, event: PlacedHashStored): string | undefined {
  if (stored === null) return "there is an event, but the contract holds nothing under that id";
  const differing = [
    ["hash", hashTopic(stored.hash) === event.hashTopic],
    ["submitter", stored.submitter === event.submitter],
    ["time", stored.timestamp === event.timestamp],
    ["block number", stored.blockNumber === event.blockNumber],
  ].filter(([, isSame]) => !isSame).map(([name]) => name);
  if (differing.length === 0) return undefined;
  return `what the contract holds differs from its event in ${differing.join(", ")}`;
}

/** What the backward walk needs of one anchor. */
interface Link {
  readonly at: bigint;
  readonly size: bigint;
  readonly previous: `0x${string}`;
  /** The heads it may have led to: by the chain's block number, or by the parent chain's. */
  readonly heads: readonly `0x${string}`[];
}

/** The anchors that the contract commits to. */
export interface TrustedAnchors {
  /** Among all anchors, from 0. */
  readonly places: ReadonlySet<bigint>;
  /** Of each account, its `anchorHead` after each of them, and in the contracts before. */
  readonly heads: ReadonlyMap<string, ReadonlySet<string>>;
  /** What does not fit. */
  readonly findings: readonly RebuildFinding[];
}

export interface FindTrustedAnchorsOptions {
  /** `anchorHead` at the pinned block. */
  readonly headOf: (submitter: `0x${string}`) => Promise<`0x${string}`>;
  /** Those of the contract before this one, where there is one: a submitter's chain of heads may begin there. */
  readonly earlier?: TrustedAnchors | undefined;
  /** Who must be looked at even where no event names them. @default none */
  readonly submitters?: readonly `0x${string}`[];
}

/**
 * The anchors that the contract commits to. Its `anchorHead` is a hash over the newest anchor and the head before that, and so
 * on to the first: walking back from it, an anchor that is missing, false or added does not fit.
 */
export async function findTrustedAnchors(
  progress: Pick<RebuildProgress, "events" | "facts">,
  { headOf, earlier, submitters = [] }: FindTrustedAnchorsOptions,
): Promise<TrustedAnchors> {
  const links = new Map<`0x${string}`, Link[]>(submitters.map((submitter) => [submitter, []]));
  const facts = progress.facts()[Symbol.asyncIterator]();
  let at = 0n;
  for await (const event of progress.events()) {
    const known = links.get(event.submitter) ?? [];
    // Also of who only stores hashes: events of anchors may have been hidden.
    links.set(event.submitter, known);
    if (event.kind !== "anchor") continue;
    const { evmBlockNumber } = (await facts.next()).value as AnchorFrame;
    const numbers = [event.blockNumber, ...(evmBlockNumber === undefined ? [] : [evmBlockNumber])];
    const heads = numbers.map((number) => nextAnchorHead(event, number));
    known.push({ at: at++, size: event.size, previous: event.previous, heads });
  }
  const places = new Set<bigint>();
  const heads = new Map<string, ReadonlySet<string>>(earlier?.heads);
  const findings: RebuildFinding[] = [];
  for (const [submitter, chain] of links) {
    const passed = new Set<string>(earlier?.heads.get(submitter));
    heads.set(submitter, passed);
    const left = walkBack(chain, await headOf(submitter), (link, head) => {
      places.add(link.at);
      passed.add(head);
    });
    const extra = chain.filter((link) => !places.has(link.at));
    for (const { size } of extra) {
      findings.push({
        severity: "mismatch",
        subject: `anchor of size ${size} by ${submitter}`,
        detail: "the contract's chain of heads does not lead to it",
      });
    }
    if (left === NO_HEAD || earlier?.heads.get(submitter)?.has(left)) continue;
    findings.push({
      severity: "mismatch",
      subject: `anchors by ${submitter}`,
      detail: `the contract commits to an anchor of size ${
        BigInt(left) >> 192n
      } whose event no endpoint shows`,
    });
  }
  return { places, heads, findings };
}

/** From the newest head to the first; answers with the head that no link leads to. */
function walkBack(
  chain: readonly Link[],
  head: `0x${string}`,
  onLink: (link: Link, head: `0x${string}`) => void,
): `0x${string}` {
  let wanted = head;
  for (const link of chain.toReversed()) {
    if (!link.heads.includes(wanted)) continue;
    onLink(link, wanted);
    wanted = link.previous;
  }
  return wanted;
}
