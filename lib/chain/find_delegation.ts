import { keccak256, toBytes } from "viem/utils";
import { UnreachableError } from "../core/errors.ts";
import { ChainError } from "./chain_error.ts";
import { parseQuantity } from "./rpc_values.ts";

/** EIP-1967: what proxies keep in these slots, each the hash of its name less one. */
const PROXY_SLOTS: readonly (readonly [what: string, slot: `0x${string}`])[] = [
  "implementation",
  "admin",
  "beacon",
].map((name) => [name, toSlot(`eip1967.proxy.${name}`)]);

/** Opcodes that run other code in a contract's place, or remove it. */
const OPCODES: ReadonlyMap<number, string> = new Map([
  [0xf2, "CALLCODE"],
  [0xf4, "DELEGATECALL"],
  [0xff, "SELFDESTRUCT"],
]);
const FIRST_PUSH = 0x60;
const LAST_PUSH = 0x7f;

/**
 * What could let other code act in a contract's place: opcodes in its code, and slots in which proxies (EIP-1967) keep an address.
 * Empty for a contract that is what its code says. Data behind the code may look like an opcode; ours has none.
 */
export async function findDelegation(
  code: `0x${string}`,
  readSlot: (slot: `0x${string}`) => Promise<unknown>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const bytes = Uint8Array.fromHex(code.slice(2));
  for (let at = 0; at < bytes.length; at++) {
    const opcode = bytes[at]!;
    if (opcode >= FIRST_PUSH && opcode <= LAST_PUSH) at += opcode - FIRST_PUSH + 1;
    const name = OPCODES.get(opcode);
    if (name !== undefined) found.add(`its code has ${name}`);
  }
  for (const [what, slot] of PROXY_SLOTS) {
    try {
      if (parseQuantity(await readSlot(slot), "storage slot") !== 0n) found.add(`it keeps a proxy's ${what}`);
    } catch (error) {
      // Some endpoints don't hand out storage; the code says enough.
      if (!(error instanceof ChainError) || error instanceof UnreachableError) throw error;
    }
  }
  return [...found];
}

function toSlot(name: string): `0x${string}` {
  return `0x${(BigInt(keccak256(toBytes(name))) - 1n).toString(16).padStart(64, "0")}`;
}
