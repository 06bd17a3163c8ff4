import type { UnsignedTransaction } from "../../lib/core/signer.ts";

/** As many different transactions, the same ones for the same seed: both types, calls and deployments, zeroes and large values. */
export function randomTransactions(count: number, seed = 1): readonly UnsignedTransaction[] {
  const random = mulberry32(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const hex = (bytes: number) =>
    `0x${Array.from({ length: bytes }, () => below(256).toString(16).padStart(2, "0")).join("")}` as const;
  return Array.from({ length: count }, () => {
    const fee = BigInt(1 + below(1e9)) * BigInt(1 + below(500));
    const common = {
      chainId: [1, 137, 31_337, 80_002, 11_155_111][below(5)]!,
      nonce: below(3) === 0 ? 0 : below(1e6),
      gas: BigInt(21_000 + below(1e7)),
      ...(below(4) === 0 ? {} : { to: hex(20) }),
      ...(below(3) === 0 ? {} : { value: below(5) === 0 ? 0n : BigInt(hex(1 + below(9))) }),
      ...(below(5) === 0 ? {} : { data: hex(below(300)) }),
    };
    return below(3) === 0
      ? { ...common, type: "legacy", gasPrice: fee }
      : { ...common, type: "eip1559", maxFeePerGas: fee, maxPriorityFeePerGas: fee / BigInt(1 + below(9)) };
  });
}

/** A generator that is small and good enough for test data. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
