import { UsageError } from "../errors.ts";

/** Tree sizes are unsigned 64-bit integers (RFC 6962 §3.5), so no tree reaches this size. */
export const TREE_SIZE_LIMIT: bigint = 1n << 64n;

/** Whether the value is a bigint from 0 to 2^64 - 1, whatever its declared type. */
export function isTreeSize(value: unknown): value is bigint {
  return typeof value === "bigint" && value >= 0n && value < TREE_SIZE_LIMIT;
}

/** @throws {UsageError} unless `size` is a bigint from 0 to 2^64 - 1 */
export function requireTreeSize(size: bigint): void {
  if (!isTreeSize(size)) {
    throw new UsageError("Cannot use the tree size as it is not a bigint from 0 to 2^64 - 1", {
      facts: [`size: ${String(size)}`],
    });
  }
}

/** @throws {UsageError} unless `index` names a leaf of a tree of `size` leaves */
export function requireLeafIndex(index: bigint, size: bigint): void {
  requireTreeSize(size);
  if (!isTreeSize(index) || index >= size) {
    throw new UsageError("Cannot prove inclusion as the tree has no leaf at this index", {
      facts: [`index: ${String(index)}`, `size: ${size}`],
    });
  }
}

/** @throws {UsageError} unless 1 ≤ `oldSize` ≤ `newSize` */
export function requireOldSize(oldSize: bigint, newSize: bigint): void {
  requireTreeSize(newSize);
  if (!isTreeSize(oldSize) || oldSize === 0n || oldSize > newSize) {
    throw new UsageError("Cannot prove consistency as the old size is not from 1 to the new size", {
      facts: [`old size: ${String(oldSize)}`, `new size: ${newSize}`],
    });
  }
}
