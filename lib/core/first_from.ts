/** The first place of the ascending list that is not below `value`, looked for from `low` up to, and without, `high`. */
export function firstFrom(
  ascending: readonly bigint[],
  value: bigint,
  low = 0,
  high = ascending.length,
): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
