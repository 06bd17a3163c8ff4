import type { ChainClient } from "../chain/chain_client.ts";
import { PotError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import type { Log } from "../log/log.ts";
import { chooseAnchors } from "../verify/choose_anchors.ts";
import type { Anchor as ProvenAnchor, Proof, ProofAnchor } from "../verify/proof.ts";
import { verifyProof } from "../verify/verify_proof.ts";
import type { AnchorKeeper } from "./anchor_keeper.ts";
import type { Anchor } from "./anchor_line.ts";
import type { AnchorStore } from "./anchor_store.ts";
import { toProvenAnchor } from "./build_proof.ts";
import { isSameAnchor, mergeProof } from "./merge_proof.ts";
import type { UpgradedProof, UpgradeOptions } from "./recorder.ts";
import { isAskable, refreshProof } from "./refresh_proof.ts";

/** What an upgrade is made from. */
export interface UpgradeSources {
  readonly log: Pick<Log, "find" | "inclusionPath" | "verifierKeys">;
  readonly chain: Pick<ChainClient, "chainId" | "refresh">;
  readonly anchors: Pick<AnchorStore, "list" | "exclusively">;
  readonly keeper: Pick<AnchorKeeper, "refresh">;
}

/**
 * A proof as good as it can be now, from the log where that holds the record, and from the chain. `Recorder.upgrade` says more.
 *
 * @throws {PotError} when it does not hold, or it is of another log and nothing in it can be asked about.
 */
export async function upgradeProof(
  proof: Proof,
  sources: UpgradeSources,
  { isOffline = false, signal }: UpgradeOptions = {},
): Promise<UpgradedProof> {
  const options = signal === undefined ? {} : { signal };
  await requireSound(proof);
  const isInLog = await sources.log.find(idOf(proof)) === proof.index;
  if (!isInLog) requireAskable(proof);
  const fromLog = isInLog ? await upgradeFromLog(proof, sources, { isOffline, ...options }) : proof;
  const upgraded = isOffline ? fromLog : await refreshFromChain(fromLog, sources, { isInLog, ...options });
  if (upgraded !== proof) await requireSound(upgraded);
  return { proof: upgraded, isInLog };
}

/** What this log does not know of. */
export async function refreshFromChain(
  proof: Proof,
  { anchors, chain }: Pick<UpgradeSources, "anchors" | "chain">,
  { isInLog, ...options }: { readonly isInLog: boolean; readonly signal?: AbortSignal },
): Promise<Proof> {
  const known = isInLog ? (await anchors.list()).map(toProven) : [];
  return await refreshProof(proof, async (facts, head) => {
    // Its own were asked about already.
    const isKnown = known.some((anchor) =>
      isSameAnchor(anchor, toProvenAnchor({ ...head, checkpoint: "" }, facts))
    );
    if (isKnown || facts.chainId !== chain.chainId) return undefined;
    const now = await chain.refresh(facts, { ...options, head, retryUnavailable: true });
    return now.kind === "evm" ? now : undefined;
  });
}

/**
 * @throws {PotError} unless the proof holds by itself
 */
export async function requireSound(proof: Proof): Promise<void> {
  const { ok, checks } = await verifyProof(proof);
  if (ok) return;
  throw new PotError("Cannot upgrade the proof as it does not hold", {
    facts: checks.filter(({ outcome }) => outcome === "fail").map(({ name, detail }) => `${name}: ${detail}`),
    hint: "write it again with: pot prove <id>",
  });
}

/**
 * @throws {PotError} where neither a log nor an endpoint could add anything to the proof
 */
export function requireAskable(proof: Proof): void {
  if (proof.anchors.some(isAskable)) return;
  throw new PotError(
    "Cannot upgrade the proof as this log does not hold its record, and it names no transaction",
    {
      facts: [`id: ${idOf(proof)}`, `index: ${proof.index}`],
      hint: "run it where the record was made, or point --home at that folder",
    },
  );
}

async function upgradeFromLog(
  proof: Proof,
  sources: UpgradeSources,
  options: UpgradeOptions,
): Promise<Proof> {
  const { index } = proof;
  const { log } = sources;
  const { known, chosen } = await newsFromLog([index], { ...sources, held: proof.anchors }, options);
  const wanted = await Promise.all(
    chosen.map(async (anchor): Promise<ProofAnchor> => ({
      ...anchor,
      path: await log.inclusionPath(index, anchor.size),
    })),
  );
  return mergeProof(proof, { known, wanted, logKeys: await log.verifierKeys() });
}

/** What this log knows by now of the anchors over the records at `indices`, which ascend, and those that their proof should hold. */
export async function newsFromLog(
  indices: readonly bigint[],
  { anchors, keeper, held }: Pick<UpgradeSources, "anchors" | "keeper"> & {
    readonly held: readonly ProvenAnchor[];
  },
  { isOffline = false, ...options }: UpgradeOptions,
): Promise<{ readonly known: readonly ProvenAnchor[]; readonly chosen: readonly ProvenAnchor[] }> {
  const [first = 0n] = indices;
  const covering = async () => (await anchors.list()).map(toProven).filter(({ size }) => size > first);
  const choose = (all: readonly ProvenAnchor[]) =>
    chooseAnchors(indices, all.filter(({ state }) => state !== "pending"));

  if (!isOffline) {
    const chosen = choose(await covering());
    const sizes = new Set([...held, ...chosen].map(({ size }) => size));
    // One that a reorganisation took may be back, and then be the first.
    const isWanted = ({ size, facts }: Anchor) =>
      size > first && (facts.state !== "final" || sizes.has(size));
    await anchors.exclusively(
      () => keeper.refresh({ ...options, isWanted, retryUnavailable: true }),
      options,
    );
  }
  const known = await covering();
  return { known, chosen: choose(known) };
}

function toProven({ size, root, note, facts }: Anchor): ProvenAnchor {
  return toProvenAnchor({ size, root, checkpoint: note }, facts);
}

function idOf(proof: Proof): string {
  return toHex(leafHash(proof.record));
}
