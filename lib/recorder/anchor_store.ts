import { dirname, join } from "node:path";
import type { AnchorState } from "../chain/chain_client.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { createTurns } from "../log/take_turns.ts";
import { type Anchor, decodeAnchor, encodeAnchor } from "./anchor_line.ts";
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
   * whether it was news.
   */
  put(anchor: Anchor): Promise<boolean>;
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

/** Opens (and creates) the store at `path`; `anchoring.lock` lies beside it. The folder must exist. */
export function openAnchorStore(
  path: string,
  { files }: { readonly files: FileLayer },
): Promise<AnchorStore> {
  const anchors = new Map<string, Anchor>();
  const turns = createTurns();
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
      const line = encodeAnchor(anchor);
      return await lines.append(() => {
        const known = anchors.get(anchorKey(anchor));
        const isNews = known === undefined || JSON.stringify(encodeAnchor(known)) !== JSON.stringify(line);
        return isNews ? line : undefined;
      });
    },
    exclusively: (work, options) =>
      turns.run(async () => {
        using _lock = await files.lock(join(dirname(path), "anchoring.lock"), options);
        return await work();
      }, options),
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  });
}

function anchorKey({ size, facts }: Anchor): string {
  return [facts.kind, facts.chainId, facts.kind === "evm" ? facts.contract.toLowerCase() : "", size].join(
    " ",
  );
}
