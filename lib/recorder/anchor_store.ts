import type { AnchorFacts, AnchorState } from "../chain/chain_client.ts";
import { PotError } from "../core/errors.ts";
import { fromHex, toHex } from "../core/hex.ts";
import type { SignedHead } from "../core/log_head.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { openJsonLinesFile } from "../io/json_lines_file.ts";

/** One anchored head with everything needed to write it into a proof. */
export interface Anchor extends SignedHead {
  readonly facts: AnchorFacts;
}

/**
 * Every anchor this log ever got, in the order they were made, kept in `anchors.jsonl`: each line is the whole new state of one
 * anchor, and the last line of an anchor counts. What proofs need later (a node may forget it) stays here for good.
 */
export interface AnchorStore extends Disposable {
  /** All anchors, oldest first, including those other processes wrote. */
  list(): Promise<readonly Anchor[]>;
  /** Adds an anchor, or replaces what is known of the same one (kind, chain, contract, size). Durable when it resolves. */
  put(anchor: Anchor): Promise<void>;
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

/** Opens (and creates) the store at `path`. */
export async function openAnchorStore(
  path: string,
  { files }: { readonly files: FileLayer },
): Promise<AnchorStore> {
  const lines = await openJsonLinesFile(path, { files });
  const anchors = new Map<string, Anchor>();

  async function catchUp(): Promise<void> {
    for (const { line, value } of await lines.readNew()) {
      const anchor = decodeAnchor(value, `${path}, line ${line}`);
      anchors.set(anchorKey(anchor), anchor);
    }
  }

  return {
    async list() {
      await catchUp();
      return [...anchors.values()];
    },
    async put(anchor) {
      using _lock = await files.lock(`${path}.lock`);
      await catchUp();
      const line = encodeAnchor(anchor);
      const known = anchors.get(anchorKey(anchor));
      if (known !== undefined && JSON.stringify(encodeAnchor(known)) === JSON.stringify(line)) return;
      await lines.append([line]);
      await catchUp();
    },
    [Symbol.dispose]: () => lines.close(),
  };
}

function anchorKey({ size, facts }: Anchor): string {
  return [facts.kind, facts.chainId, facts.kind === "evm" ? facts.contract.toLowerCase() : "", size].join(
    " ",
  );
}

const BIGINT_FIELDS = ["blockNumber", "gasUsed", "effectiveGasPriceWei"];

function encodeAnchor({ size, root, note, facts }: Anchor): unknown {
  const text = JSON.stringify(facts, (_, value) => typeof value === "bigint" ? String(value) : value);
  return { schema: "pot-anchor/1", size: String(size), root: toHex(root), note, facts: JSON.parse(text) };
}

function decodeAnchor(value: unknown, where: string): Anchor {
  const line = value as { schema?: unknown; size: string; root: string; note: string; facts: AnchorFacts };
  const root = typeof line?.root === "string" ? fromHex(line.root, 32) : undefined;
  if (line?.schema !== "pot-anchor/1" || root === undefined || !/^[1-9][0-9]{0,18}$/.test(line.size)) {
    throw new PotError("Cannot read the anchor store as a line is not an anchor", {
      facts: [`at: ${where}`],
      hint: "restore the file from a backup; the chain still has the anchors",
    });
  }
  const text = JSON.stringify(line.facts);
  const facts = JSON.parse(text, (key, field) => BIGINT_FIELDS.includes(key) ? BigInt(field) : field);
  return { size: BigInt(line.size), root, note: line.note, facts };
}
