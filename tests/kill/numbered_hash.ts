/** 64 hex characters that say a number. */
export function numberedHash(n: number): string {
  return (n + 1).toString(16).padStart(64, "0");
}
