import { privateKeyToAccount } from "viem/accounts";
import type { UnsignedTransaction } from "../../lib/core/signer.ts";
import {
  createExternalSignerKeySource,
  type ExternalSignerOptions,
} from "../../lib/keys/external_signer_key_source.ts";
import { type SignerServer, startSignerServer } from "./signer_server.ts";

/** What the signer holds. */
export const KEY = `0x${"5a".repeat(31)}04` as const;
/** Somebody else's. */
export const OTHER = `0x${"6b".repeat(32)}` as const;
export const { address: ADDRESS } = privateKeyToAccount(KEY);
export const { address: OTHER_ADDRESS } = privateKeyToAccount(OTHER);

export const CALL: UnsignedTransaction = {
  type: "eip1559",
  chainId: 137,
  nonce: 7,
  gas: 90_000n,
  to: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
  value: 5n,
  data: "0xa9059cbb00",
  maxFeePerGas: 60_000_000_000n,
  maxPriorityFeePerGas: 30_000_000_000n,
};
export const LEGACY: UnsignedTransaction = {
  type: "legacy",
  chainId: 137,
  nonce: 8,
  gas: 90_000n,
  to: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
  gasPrice: 60_000_000_000n,
};

/** A signer with that key, for Polygon. */
export const startSigner = (
  like: "clef" | "web3signer" | "geth",
  keys: readonly `0x${string}`[] = [KEY],
  chainId = 137,
) => startSignerServer({ like, keys, chainId });

/** Opens it as a key source. */
export const openSigner = ({ url }: SignerServer, options: Omit<ExternalSignerOptions, "url"> = {}) =>
  createExternalSignerKeySource({ url, timeoutMs: 5_000, ...options }).open();

/** The fact that names it. */
export const sourceOf = ({ url }: SignerServer) => `source: signer ${url}`;
