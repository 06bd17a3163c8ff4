import { concat, getContractAddress, keccak256, toBytes } from "viem/utils";

/**
 * The deployment proxy that exists under the same address on every chain (github.com/Arachnid/deterministic-deployment-proxy):
 * called with a salt and creation code, it makes the contract by CREATE2 (EIP-1014), so that the contract's address follows from
 * these two alone.
 */
export const DEPLOYMENT_PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

/** The proxy's own code. */
export const PROXY_CODE =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

/**
 * The transaction that makes the proxy where there is none. Nobody has its key: its signature was chosen, and the account
 * recovered from it, so it says the same on every chain, and can be sent by anybody who pays for it first.
 */
export const PROXY_TRANSACTION =
  "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222";

/** The account of that transaction. */
export const PROXY_DEPLOYER = "0x3fAB184622Dc19b6109349B94811493BF2a45362";

/** The gas price fixed in that transaction: 100 gwei. */
export const PROXY_GAS_PRICE_WEI = 100_000_000_000n;

/** What that transaction can cost, and so what its account must hold: 100 000 gas at that price. */
export const PROXY_COST_WEI = 100_000n * PROXY_GAS_PRICE_WEI;

/** The salt of this generation of the contract: fixed, so that its address depends on nothing but its code and its arguments. */
export const DEPLOYMENT_SALT: `0x${string}` = keccak256(toBytes("pot/ProofOfTraining/2"));

/** The salt of one more deployment with the same arguments, after that one. */
export function nextSalt(before: `0x${string}`): `0x${string}` {
  return keccak256(concat([DEPLOYMENT_SALT, before]));
}

/** Where the proxy puts that creation code, EIP-55. */
export function create2Address(initCode: `0x${string}`, salt: `0x${string}`): `0x${string}` {
  return getContractAddress({ opcode: "CREATE2", from: DEPLOYMENT_PROXY, salt, bytecode: initCode });
}

/** The call that makes the proxy do it. */
export function create2Call(initCode: `0x${string}`, salt: `0x${string}`) {
  return { to: DEPLOYMENT_PROXY, data: concat([salt, initCode]) } as const;
}
