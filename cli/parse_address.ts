import { UsageError } from "../lib/core/errors.ts";

/**
 * An address as a person gave it: `0x` and 40 hex characters, in lowercase or with the right EIP-55 capitals, so that a mistyped one is
 * noticed.
 *
 * @throws {UsageError} naming where it was given
 */
export async function parseAddress(text: string, name: string): Promise<`0x${string}`> {
  const { getAddress, isAddress } = await import("viem/utils");
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new UsageError(`Cannot use ${name} as it must be 0x and 40 hex characters`, {
      facts: [`${name}: ${JSON.stringify(text.slice(0, 42))}`],
      hint: "copy the whole address",
    });
  }
  // One case throughout says nothing about the address, and is accepted.
  if (isAddress(text) || /^0x[0-9A-F]+$/.test(text)) return getAddress(text);
  throw new UsageError(`Cannot use ${name} as its capitals are not those of that address (EIP-55)`, {
    facts: [`${name}: ${text}`],
    hint: "copy it once more, or write it in lowercase",
  });
}
