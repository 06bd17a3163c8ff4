import { firstFrom } from "../core/first_from.ts";
import type { Anchor } from "./proof.ts";

/** What choosing looks at. */
type Candidate = Pick<Anchor, "kind" | "state" | "size"> & {
  readonly chainId?: string;
  readonly contract?: string;
};

/**
 * The anchors that prove the records at `indices`, which MUST ascend, smallest first: of each chain and contract the first that covers
 * each of them, as that one shows the earliest time. Only for records that none covers, the smallest pending one that does.
 */
export function chooseAnchors<A extends Candidate>(
  indices: readonly bigint[],
  anchors: readonly A[],
): readonly A[] {
  const bySize = [...anchors].sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0));
  const covered = new Map<string, bigint>();
  let most = 0n;
  const chosen = bySize.filter((anchor) => {
    if (anchor.state === "pending") return false;
    const place = placeOf(anchor);
    const from = covered.get(place) ?? 0n;
    const next = indices[firstFrom(indices, from)];
    if (next === undefined || next >= anchor.size) return false;
    covered.set(place, anchor.size);
    most = anchor.size;
    return true;
  });
  const last = indices.at(-1);
  if (last === undefined || last < most) return chosen;
  const pending = bySize.find(({ state, size }) => state === "pending" && size > last);
  return pending === undefined ? chosen : [...chosen, pending];
}

/** Where that anchor is. Of an `evm` one: its chain and contract, as the same contract address may stand on two chains. */
export function placeOf({ kind, chainId = "", contract = "" }: Candidate): string {
  return kind === "evm" ? `${chainId} ${contract.toLowerCase()}` : chainId;
}
