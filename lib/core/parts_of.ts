/** Lists of at most so many, in order, each with the position of its first. */
export function chunks<T>(all: readonly T[], size: number): readonly (readonly [number, readonly T[]])[] {
  const found: (readonly [number, readonly T[]])[] = [];
  for (let at = 0; at < all.length; at += size) found.push([at, all.slice(at, at + size)]);
  return found;
}

/** The same values, beginning with the one at that position, counted round and round. */
export function rotate<T>(values: readonly T[], by: number): readonly T[] {
  const at = by % values.length;
  return [...values.slice(at), ...values.slice(0, at)];
}
