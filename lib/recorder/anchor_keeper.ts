import type { AnchorFacts, AnchorOptions, ChainClient } from "../chain/chain_client.ts";
import { PotError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import type { Anchor } from "./anchor_line.ts";
import type { AnchorStore } from "./anchor_store.ts";

/** Brings what the chain says of anchors into the store. For whoever anchors: one at a time. */
export interface AnchorKeeper {
  /** Anchors a head and keeps that; what a process that dies meanwhile leaves behind is found again by `complete`. */
  anchor(head: SignedHead, options?: KeepAnchorOptions): Promise<Anchor>;
  /** Keeps the anchors of heads below `size` that were begun earlier and reached the chain all the same. Sends nothing. */
  complete(size: bigint, options?: KeeperOptions): Promise<void>;
  /** Asks the chain about every anchor that is not final, or lacks its receipt. Returns how many changed. */
  refresh(options?: RefreshOptions): Promise<number>;
}

/** What every call that waits takes. */
export interface KeeperOptions {
  readonly signal?: AbortSignal;
}

/** What an anchor takes beside its head: as `ChainClient.anchor` takes it. */
export type KeepAnchorOptions = KeeperOptions & Pick<AnchorOptions, "records" | "deadlineMs">;

export interface RefreshOptions extends KeeperOptions {
  /** Which anchors to ask about. @default all */
  readonly isWanted?: (anchor: Anchor) => boolean;
  /** Try again to capture a receipt that was unavailable. @default false */
  readonly retryUnavailable?: boolean;
}

export interface AnchorKeeperDeps {
  readonly anchors: AnchorStore;
  readonly chain: ChainClient;
  /** The chain and contract that is anchored in. */
  readonly scope: string;
}

/** Whether nothing more can come of a head. */
const IS_OVER = { "kept": true, "never sent": true, "pending": false, "unknown": false } as const;

/** Final anchors in a row whose receipts nobody has, after which a refresh asks for no more: each costs several requests. */
const MAX_MISSES = 3;

export function createAnchorKeeper({ anchors, chain, scope }: AnchorKeeperDeps): AnchorKeeper {
  /** How often the receipt of a final anchor was asked for in vain, so that one that is gone for good does not keep others waiting. */
  const misses = new Map<string, number>();

  /** The anchor is durable before its receipt is asked for, which may take as long as an endpoint likes. */
  async function keep(anchor: Anchor, options: KeeperOptions): Promise<Anchor> {
    await anchors.put(anchor);
    if (!lacksReceipt(anchor)) return anchor;
    try {
      const facts = await chain.refresh(anchor.facts, { ...options, head: anchor });
      const fuller = { ...anchor, facts };
      await anchors.put(fuller);
      return fuller;
    } catch (error) {
      // It is anchored all the same; the next refresh tries again, and reports what is wrong.
      if (!(error instanceof PotError)) throw error;
      return anchor;
    }
  }

  async function complete(size: bigint, options: KeeperOptions = {}): Promise<void> {
    const heads = await anchors.underWay(scope);
    const left: SignedHead[] = [];
    for (const head of heads) {
      const isOver = head.size < size && IS_OVER[await lookFor(head, options)];
      if (!isOver) left.push(head);
    }
    if (left.length < heads.length) await anchors.setUnderWay(scope, left);
  }

  /** What became of a head that was begun earlier; kept where it is in the chain. */
  async function lookFor(head: SignedHead, options: KeeperOptions): Promise<keyof typeof IS_OVER> {
    let facts: AnchorFacts | undefined;
    try {
      facts = await chain.findAnchor(head, options);
    } catch (error) {
      // Nobody answers, or the key is missing or in use: whoever anchors next reports that, or meets it no more.
      if (error instanceof PotError) return "unknown";
      throw error;
    }
    if (facts === undefined) return "never sent";
    if (facts.state === "pending") return "pending";
    await keep({ ...head, facts }, options);
    return "kept";
  }

  return {
    complete,
    async anchor(head, { records, deadlineMs, ...options } = {}) {
      const earlier = (await anchors.underWay(scope)).filter(({ size }) => size !== head.size);
      const facts = await chain.anchor(head, {
        ...options,
        onSending: () => anchors.setUnderWay(scope, [...earlier, head]),
        ...(records !== undefined && { records }),
        ...(deadlineMs !== undefined && { deadlineMs }),
      });
      const anchor = await keep({ ...head, facts }, options);
      // The ledger stood in: its transaction may reach the chain all the same.
      if (facts.kind !== chain.kind) return anchor;
      const left: SignedHead[] = [];
      // What is still pending had the lower nonce: it never will be in the chain.
      for (const other of earlier) if (await lookFor(other, options) === "unknown") left.push(other);
      await anchors.setUnderWay(scope, left);
      return anchor;
    },
    async refresh({ isWanted = () => true, retryUnavailable = false, signal } = {}) {
      const options = { retryUnavailable, ...(signal && { signal }) };
      const known = (await anchors.list()).filter((anchor) =>
        anchor.facts.kind === "evm" && anchor.facts.chainId === chain.chainId && isWanted(anchor)
      );
      let changed = 0;
      for (const anchor of known.filter(({ facts }) => facts.state !== "final")) {
        const facts = await chain.refresh(anchor.facts, { ...options, head: anchor });
        // Also where the state is the same: a reorganisation may have moved it to another block.
        if (await anchors.put({ ...anchor, facts })) changed++;
      }
      const missed = (anchor: Anchor) => misses.get(keyOf(anchor)) ?? 0;
      const lacking = known.filter((anchor) =>
        anchor.facts.state === "final" && lacksReceipt(anchor, retryUnavailable)
      );
      let inVain = 0;
      // The newest first: nodes prune from the other end.
      for (const anchor of lacking.reverse().sort((a, b) => missed(a) - missed(b))) {
        if (inVain === MAX_MISSES) break;
        const facts = await chain.refresh(anchor.facts, { ...options, head: anchor });
        if (await anchors.put({ ...anchor, facts })) changed++;
        else misses.set(keyOf(anchor), missed(anchor) + 1);
        inVain = lacksReceipt({ ...anchor, facts }) ? inVain + 1 : 0;
      }
      return changed;
    },
  };
}

/** Whether the receipt of that anchor can be captured, and is not yet. */
function lacksReceipt({ facts }: Pick<Anchor, "facts">, alsoUnavailable = false): boolean {
  if (facts.kind !== "evm" || (facts.state !== "confirmed" && facts.state !== "final")) return false;
  const proof = facts.inclusion?.receiptProof;
  return proof === undefined || (alsoUnavailable && proof === "unavailable");
}

function keyOf({ size, facts }: Anchor): string {
  return `${size} ${facts.kind === "evm" ? facts.contract.toLowerCase() : ""}`;
}
