import { dirname, join } from "node:path";
import type { AnchorState } from "../chain/chain_client.ts";
import { addSignatures } from "../core/add_signatures.ts";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import type { SignedHead } from "../core/log_head.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { createTurns } from "../log/take_turns.ts";
import { type Anchor, decodeAnchor, encodeAnchor } from "./anchor_line.ts";
import { openHeadsUnderWay } from "./heads_under_way.ts";
import { shareLines } from "./shared_lines.ts";

/**
 * Every anchor this log ever got, in the order they were made, kept in `anchors.jsonl`: each line is the whole new state of one
 * anchor, and the last line of an anchor counts. What proofs need later (a node may forget it) stays here for good.
 */
export interface AnchorStore extends Disposable {
  /** All anchors, oldest first, including those other processes wrote. */
  list(): Promise<readonly Anchor[]>;
  /**
   * Adds an anchor, or replaces what is known of the same one (kind, chain, contract, size). Durable when it resolves; answers
   * whether it was news. A receipt that was captured is kept as long as the anchor stays in its block.
   */
  put(anchor: Anchor): Promise<boolean>;
  /**
   * Adds the signatures of a note to the checkpoints over the same text, such as cosignatures of witnesses; verify them first. Durable
   * when it resolves; answers how many anchors have them now. `put` never takes one away.
   */
  addSignatures(note: string): Promise<number>;
  /** Heads whose anchors were begun there and are not known to have come to an end, oldest first. */
  underWay(scope: string): Promise<readonly SignedHead[]>;
  /** Replaces the heads that are under way there; durable when it resolves. Only for whoever anchors. */
  setUnderWay(scope: string, heads: readonly SignedHead[]): Promise<void>;
  /** Runs `work` while nobody else anchors this log, in this process or another one; waits for its turn. */
  exclusively<T>(work: () => Promise<T>, options?: { readonly signal?: AbortSignal }): Promise<T>;
}

/** How good each state is; `local` is a mark beside the chain's states. */
const RANK: Readonly<Record<AnchorState, number>> = {
  pending: 0,
  local: 1,
  anchored: 2,
  confirmed: 3,
  final: 4,
};

/** The better of two states; `pending` is the worst. */
export function betterState(a: AnchorState, b: AnchorState): AnchorState {
  return RANK[b] > RANK[a] ? b : a;
}

/** Opens (and creates) the store at `path`; `anchoring.json` and `anchoring.lock` lie beside it. The folder must exist. */
export function openAnchorStore(
  path: string,
  { files }: { readonly files: FileLayer },
): Promise<AnchorStore> {
  const anchors = new Map<string, Anchor>();
  const turns = createTurns();
  const headsUnderWay = openHeadsUnderWay(join(dirname(path), "anchoring.json"), { files });
  const lines = shareLines(path, {
    files,
    reset: () => anchors.clear(),
    apply({ line, value }) {
      const anchor = decodeAnchor(value, `${path}, line ${line}`);
      anchors.set(anchorKey(anchor), anchor);
    },
  });
  return Promise.resolve({
    async list() {
      await lines.catchUp();
      return [...anchors.values()];
    },
    async put(anchor) {
      return await lines.append(() => {
        const known = anchors.get(anchorKey(anchor));
        const line = encodeAnchor(known === undefined ? anchor : keepNote(keepReceipt(anchor, known), known));
        const isNews = known === undefined || JSON.stringify(encodeAnchor(known)) !== JSON.stringify(line);
        return isNews ? line : undefined;
      });
    },
    async addSignatures(note) {
      await lines.catchUp();
      const { text } = parseCheckpointNote(note);
      const keys = [...anchors].filter(([, anchor]) => anchor.note.startsWith(`${text}\n`)).map(([key]) =>
        key
      );
      for (const key of keys) {
        await lines.append(() => {
          const known = anchors.get(key)!;
          const merged = addSignatures(known.note, note) ?? known.note;
          return merged === known.note ? undefined : encodeAnchor({ ...known, note: merged });
        });
      }
      return keys.length;
    },
    underWay: (scope) => headsUnderWay.list(scope),
    setUnderWay: (scope, heads) => headsUnderWay.set(scope, heads),
    exclusively: (work, options) =>
      turns.run(async () => {
        using _lock = await files.lock(join(dirname(path), "anchoring.lock"), options);
        return await work();
      }, options),
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  });
}

/** Whoever looked a moment ago may not have seen what another process captured since. */
function keepReceipt(anchor: Anchor, { facts: known }: Anchor): Anchor {
  const { facts } = anchor;
  if (facts.kind !== "evm" || known.kind !== "evm") return anchor;
  const { inclusion } = facts;
  if (inclusion === undefined || inclusion.blockHash !== known.inclusion?.blockHash) return anchor;
  const { receiptProof } = known.inclusion;
  const isBetter = inclusion.receiptProof === undefined || inclusion.receiptProof === "unavailable";
  if (receiptProof === undefined || !isBetter) return anchor;
  return { ...anchor, facts: { ...facts, inclusion: { ...inclusion, receiptProof } } };
}

/** Nor what a witness signed since. */
function keepNote(anchor: Anchor, known: Anchor): Anchor {
  if (anchor.note === known.note) return anchor;
  return { ...anchor, note: addSignatures(anchor.note, known.note) ?? anchor.note };
}

function anchorKey({ size, facts }: Anchor): string {
  return [facts.kind, facts.chainId, facts.kind === "evm" ? facts.contract.toLowerCase() : "", size].join(
    " ",
  );
}
