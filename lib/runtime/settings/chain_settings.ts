import {
  allowedUrl,
  contractAddress,
  matching,
  oneOf,
  rpcUrls,
  type SettingTable,
  wholeFrom1,
} from "./setting.ts";

/** Which chain, and how it is reached: what each text becomes. */
export interface ChainSettings {
  /** Where heads are anchored. */
  chain: "evm" | "local";
  /** Where heads go while no endpoint answers. */
  fallback: "none" | "local";
  /** Heads only, or every record's hash too. */
  anchoring: "batched" | "each";
  /** A preset's name. */
  network: string;
  /** EIP-155, from 1. */
  chainId: number;
  /** In order of preference; HTTPS, loopback excepted. May hold API keys. */
  rpcUrls: readonly string[];
  /** Which endpoint is asked first. */
  rpcSelection: "health" | "round-robin";
  /** Requests a second to each endpoint, from 1. */
  rpcRate: number;
  /** `0x` and 40 hex characters. */
  contract: `0x${string}`;
  /** Who has to own it: `0x` and 40 hex characters. */
  contractOwner: `0x${string}`;
  /** Blocks deep, from 1. */
  confirmations: number;
  /** Secret: for Etherscan and the explorers it runs. */
  etherscanKey: string;
  /** HTTPS, loopback excepted. */
  etherscanUrl: string;
  /** HTTPS, loopback excepted. */
  sourcifyUrl: string;
}

/** Which chain, and how it is reached. */
export const CHAIN_SETTINGS: SettingTable<ChainSettings> = {
  chain: { env: ["POT_CHAIN"], key: "chain", expected: '"evm" or "local"', parse: oneOf("evm", "local") },
  fallback: {
    env: ["POT_FALLBACK"],
    key: "fallback",
    expected: '"none" or "local"',
    parse: oneOf("none", "local"),
  },
  anchoring: {
    env: ["POT_ANCHORING"],
    key: "anchoring",
    expected: '"batched" or "each"',
    parse: oneOf("batched", "each"),
  },
  network: {
    env: ["POT_NETWORK"],
    key: "network",
    expected: "a network's name",
    parse: matching(/^[a-z0-9-]{1,40}$/),
  },
  chainId: {
    env: ["CHAIN_ID"],
    key: "chainId",
    expected: "a whole number from 1, such as 137",
    parse: wholeFrom1,
  },
  rpcUrls: {
    env: ["POT_RPC_URLS", "RPC_URL"],
    key: "rpcUrls",
    expected: "https:// or wss:// URLs, comma-separated (http:// and ws:// only to this machine)",
    parse: rpcUrls,
    isSecret: true,
  },
  rpcSelection: {
    env: ["POT_RPC_SELECTION"],
    key: "rpcSelection",
    expected: '"health" or "round-robin"',
    parse: oneOf("health", "round-robin"),
  },
  rpcRate: {
    env: ["POT_RPC_RATE"],
    key: "rpcRate",
    expected: "a whole number from 1: requests a second to each endpoint",
    parse: wholeFrom1,
  },
  contract: {
    env: ["CONTRACT_ADDRESS"],
    key: "contract",
    expected: "0x and 40 hex characters",
    parse: contractAddress,
  },
  contractOwner: {
    env: ["POT_CONTRACT_OWNER"],
    key: "contractOwner",
    expected: "0x and 40 hex characters",
    parse: contractAddress,
  },
  confirmations: {
    env: ["POT_CONFIRMATIONS"],
    key: "confirmations",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  etherscanKey: {
    env: ["ETHERSCAN_API_KEY", "POLYGONSCAN_API_KEY"],
    expected: "an API key",
    parse: matching(/^[!-~]{1,200}$/),
    isSecret: true,
  },
  etherscanUrl: {
    env: ["POT_ETHERSCAN_URL"],
    key: "etherscanUrl",
    expected: "an https:// URL (http:// only to this machine)",
    parse: allowedUrl,
    isSecret: true,
  },
  sourcifyUrl: {
    env: ["POT_SOURCIFY_URL"],
    key: "sourcifyUrl",
    expected: "an https:// URL (http:// only to this machine)",
    parse: allowedUrl,
    isSecret: true,
  },
};
