import { encodeAbiParameters, keccak256, toBytes } from "viem/utils";
import { fetchEasPackage } from "./eas_package.ts";
import type { GasChain } from "./gas_chain.ts";
import type { GasFigure } from "./our_gas.ts";

type Hex = `0x${string}`;

/** Items of one multiTimestamp. */
const ITEMS = 100;
const ZERO_ADDRESS: Hex = `0x${"0".repeat(40)}`;
const ZERO_32: Hex = `0x${"0".repeat(64)}`;

/** The three ways in which the Ethereum Attestation Service can hold a hash. */
export async function measureEas(chain: GasChain): Promise<readonly GasFigure[]> {
  const { eas: code, schemaRegistry } = await fetchEasPackage();
  const registry = await chain.deploy(schemaRegistry);
  const eas = await chain.deploy(code, [registry.address]);
  const item = (i: number) => keccak256(toBytes(`item ${i}`));

  const timestamp = await eas.gas("timestamp", [item(0)]);
  const all = await eas.gas("multiTimestamp", [Array.from({ length: ITEMS }, (_, i) => item(i + 1))]);

  const schema = "bytes32 root,uint64 size,bytes32 previous";
  await registry.send("register", [schema, ZERO_ADDRESS, true]);
  const uid = keccak256(toBytes(schema + "\0".repeat(20) + "\x01"));
  const types = ["bytes32", "uint64", "bytes32"].map((type) => ({ type }));
  const attest = await eas.gas("attest", [{
    schema: uid,
    data: {
      recipient: ZERO_ADDRESS,
      expirationTime: 0n,
      revocable: true,
      refUID: ZERO_32,
      data: encodeAbiParameters(types, [item(0), 1_000n, item(1)]),
      value: 0n,
    },
  }]);
  return [
    { name: "deployment, with its registry", gas: eas.deployment + registry.deployment },
    { name: "timestamp", gas: timestamp },
    { name: `multiTimestamp of ${ITEMS}, per item`, gas: all / BigInt(ITEMS) },
    { name: "attest, 96 B", gas: attest },
  ];
}
