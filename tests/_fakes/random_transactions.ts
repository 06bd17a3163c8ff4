import fc from "fast-check";
import type { UnsignedTransaction } from "../../lib/core/signer.ts";

const hex = (options: fc.IntArrayConstraints) =>
  fc.uint8Array(options).map((bytes): `0x${string}` => `0x${bytes.toHex()}`);

/** Amounts of every size, zero and the largest included. */
const amount = (bits: number) =>
  fc.oneof(
    fc.constant(0n),
    fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
    fc.bigInt({ min: 0n, max: 300n }),
  );

const common = {
  chainId: fc.oneof(fc.constantFrom(1, 137, 31_337), fc.integer({ min: 1, max: 0x7fff_ffff })),
  nonce: fc.oneof(fc.constant(0), fc.nat(0x7fff_ffff)),
  gas: amount(32),
  // Absent: a deployment.
  to: fc.option(hex({ minLength: 20, maxLength: 20 }), { nil: undefined }),
  value: fc.option(amount(128), { nil: undefined }),
  data: fc.option(hex({ maxLength: 300 }), { nil: undefined }),
};

const legacy = fc.record({ ...common, type: fc.constant("legacy" as const), gasPrice: amount(64) });
const eip1559 = fc.record({
  ...common,
  type: fc.constant("eip1559" as const),
  maxFeePerGas: amount(64),
  maxPriorityFeePerGas: amount(64),
}).map((transaction) => ({
  ...transaction,
  // Above the maximum viem refuses to write it.
  maxPriorityFeePerGas: transaction.maxPriorityFeePerGas > transaction.maxFeePerGas
    ? transaction.maxFeePerGas
    : transaction.maxPriorityFeePerGas,
}));

/** Transactions of both types, with and without data, value and recipient; the same ones for the same seed. */
export function randomTransactions(count: number, seed: number): readonly UnsignedTransaction[] {
  return fc.sample(fc.oneof(legacy, eip1559), { numRuns: count, seed }).map((transaction) =>
    Object.fromEntries(
      Object.entries(transaction).filter(([, value]) => value !== undefined),
    ) as unknown as UnsignedTransaction
  );
}
