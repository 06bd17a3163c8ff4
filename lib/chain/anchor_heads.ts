import { encodeAbiParameters, keccak256 } from "viem/utils";
import type { AnchoredEvent } from "./contract_events.ts";

/** No anchor before it. */
export const NO_HEAD = `0x${"0".repeat(64)}` as const;

/**
 * The contract's `anchorHead` of a submitter after that anchor: the size in the high 64 bits, below it the low 192 bits of
 * keccak256(abi.encode(previous, root, size, block number)). So the last head commits to every anchor before it.
 *
 * @param blockNumber as the EVM gave it, which on Arbitrum is that of the parent chain
 */
export function nextAnchorHead(
  { previous, root, size }: Pick<AnchoredEvent, "previous" | "root" | "size">,
  blockNumber: bigint,
): `0x${string}` {
  const types = ["bytes32", "bytes32", "uint64", "uint256"].map((type) => ({ type }));
  const link = BigInt(keccak256(encodeAbiParameters(types, [previous, root, size, blockNumber])));
  const head = (size << 192n) | (link & ((1n << 192n) - 1n));
  return `0x${head.toString(16).padStart(64, "0")}`;
}
