import assert from "node:assert/strict";
import { encodeAbiParameters, keccak256 } from "viem/utils";
import { type Devnet, startDevnet } from "../../lib/chain/devnet.ts";
import { type ContractOnDevnet, deployOnDevnet, Revert } from "./contract_on_devnet.ts";

type Hex = `0x${string}`;

export const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
export const ROOT_1: Hex = `0x${"11".repeat(32)}`;
export const ROOT_2: Hex = `0x${"22".repeat(32)}`;
export const ZERO_32: Hex = `0x${"00".repeat(32)}`;
export const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

export interface Bench {
  readonly contract: ContractOnDevnet;
  readonly devnet: Devnet;
  readonly request: Devnet["request"];
  readonly owner: Hex;
  readonly alice: Hex;
  readonly bob: Hex;
}

/** Each test has a node and a contract of its own. */
export function contractTest(name: string, body: (bench: Bench) => Promise<void>): void {
  Deno.test(name, async () => {
    await using devnet = await startDevnet();
    const [, owner, alice, bob] = devnet.accounts.map(({ address }) => address);
    const contract = await deployOnDevnet(devnet, owner!);
    await body({ contract, devnet, request: devnet.request, owner: owner!, alice: alice!, bob: bob! });
  });
}

/** The contract refuses it with that error, written `Name(arg,…)`. */
export async function refuses(call: Promise<unknown>, message: string): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof Revert, String(error));
    assert.equal(error.message, message);
    return true;
  });
}

/** The head after an anchor, from docs/formats.md and not from our client. */
export function headAfter(previous: Hex, root: Hex, size: bigint, block: bigint): Hex {
  const types = ["bytes32", "bytes32", "uint64", "uint256"].map((type) => ({ type }));
  const link = keccak256(encodeAbiParameters(types, [previous, root, size, block]));
  return `0x${size.toString(16).padStart(16, "0")}${link.slice(18)}`;
}

/** Addresses that can send although nobody has their key. */
export async function strangers(request: Devnet["request"], count: number): Promise<readonly Hex[]> {
  const addresses = Array.from(
    { length: count },
    (_, i): Hex => `0x${(i + 1).toString(16).padStart(4, "0").repeat(10)}`,
  );
  for (const address of addresses) {
    await request("anvil_setBalance", [address, "0xde0b6b3a7640000"]);
    await request("anvil_impersonateAccount", [address]);
  }
  return addresses;
}
