const primes = firstPrimes(64);

/** Fractional parts of the cube roots of the first 64 primes, 32 bits each (FIPS 180-4 §4.2.2). */
export const roundConstants: readonly number[] = primes.map((prime) => rootFraction(prime, 3));

/** Fractional parts of the square roots of the first 8 primes, 32 bits each (FIPS 180-4 §5.3.3). */
export const initialState: readonly number[] = primes.slice(0, 8).map((prime) => rootFraction(prime, 2));

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits behind the point of the `degree`th root: that of n · 2^(32 · degree) is 2^32 times the root of n. */
function rootFraction(n: number, degree: number): number {
  const scaled = BigInt(n) << BigInt(32 * degree);
  let root = 0n;
  for (let bit = 1n << 39n; bit > 0n; bit >>= 1n) {
    if ((root + bit) ** BigInt(degree) <= scaled) root += bit;
  }
  return Number(BigInt.asUintN(32, root));
}
