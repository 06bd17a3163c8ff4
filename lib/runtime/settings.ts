import { isLoopback } from "../core/is_loopback.ts";
import { parsePostgresUrl, POSTGRES_URL_FORM } from "../log/postgres_url.ts";

/** One setting: its names, what it should look like, and how its text becomes a value (`undefined`: it does not look like that). */
export interface Setting<T> {
  /** Environment variables, the first one wins. */
  readonly env: readonly string[];
  /** Its name in pot.jsonc; absent for what must never stand in a file. */
  readonly key?: string;
  /** Finishes the sentence "must be …". */
  readonly expected: string;
  readonly parse: (text: string) => T | undefined;
  /** Never show the value. */
  readonly isSecret?: true;
}

type Parse<T> = (text: string) => T | undefined;

function oneOf<T extends string>(...values: readonly T[]): Parse<T> {
  return (text) => values.find((value) => value === text);
}

function matching(pattern: RegExp): Parse<string> {
  return (text) => (pattern.test(text) ? text : undefined);
}

/** A whole number from 1 that a number can hold exactly. */
function wholeFrom1(text: string): number | undefined {
  const value = /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function contractAddress(text: string): `0x${string}` | undefined {
  return /^0x[0-9a-fA-F]{40}$/.test(text) ? text as `0x${string}` : undefined;
}

/** Gwei, up to nine decimals, as wei. */
function gwei(text: string): bigint | undefined {
  const [, whole, fraction = ""] = /^([0-9]{1,9})(?:\.([0-9]{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const wei = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  return wei > 0n ? wei : undefined;
}

/** An amount of a chain's own currency, 18 decimals at most, as wei. */
function currency(text: string): bigint | undefined {
  const [, whole, fraction = ""] = /^([0-9]{1,12})(?:\.([0-9]{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const wei = BigInt(whole) * 10n ** 18n + BigInt(fraction.padEnd(18, "0"));
  return wei > 0n ? wei : undefined;
}

const DURATION_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Such as `90s`, `10m`, `6h` or `2d`, in milliseconds. */
function durationMs(text: string): number | undefined {
  const [, count, unit = ""] = /^([1-9][0-9]{0,6})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * DURATION_MS[unit]!;
}

/** https and wss anywhere; http and ws only to this machine. */
export function isAllowedRpcUrl(text: string): boolean {
  return isSecureUrl(text, ["https:", "wss:"], ["http:", "ws:"]);
}

function isSecureUrl(text: string, anywhere: readonly string[], here: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return anywhere.includes(protocol) || (here.includes(protocol) && isLoopback(hostname));
}

function allowedUrl(text: string): string | undefined {
  return isSecureUrl(text, ["https:"], ["http:"]) ? text : undefined;
}

function rpcUrls(text: string): readonly string[] | undefined {
  const urls = text.split(",").map((url) => url.trim()).filter((url) => url !== "");
  return urls.length > 0 && urls.every(isAllowedRpcUrl) ? urls : undefined;
}

/** What each setting's text becomes. */
export interface SettingTypes {
  /** Folder of all state. */
  home: string;
  /** The log's name: 1 to 200 characters without spaces or +. */
  origin: string;
  /** Secret: the PostgreSQL database that holds the log. */
  logUrl: string;
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
  /** Secret: 64 hex characters, with or without `0x`. */
  privateKey: string;
  /** File with the encrypted key. */
  keystore: string;
  /** Secret: opens that file. */
  keystorePassphrase: string;
  /** File that holds the passphrase, as its one line. */
  keystorePassphraseFile: string;
  /** Above 0; given in gwei. */
  fixedFeePerGasWei: bigint;
  /** Above 0; given in gwei. */
  maxFeePerGasWei: bigint;
  /** Above 0; given in gwei. */
  maxPriorityFeePerGasWei: bigint;
  /** Blocks deep, from 1. */
  confirmations: number;
  /** Above 0; given in the chain's currency. */
  maxTransactionCostWei: bigint;
  /** Above 0; given in gwei. */
  deferFeeAboveWei: bigint;
  /** How old a record may grow before its anchor is paid for at any price under the caps. */
  anchorWithinMs: number;
  /** From 1. */
  dailyTransactions: number;
  /** Above 0; given in the chain's currency. */
  dailySpendWei: bigint;
  /** From 1. */
  monthlyTransactions: number;
  /** Above 0; given in the chain's currency. */
  monthlySpendWei: bigint;
  /** From 1. */
  maxInFlight: number;
  /** How long the lowest nonce may wait before it is replaced. */
  stuckAfterMs: number;
  /** Endpoints that must agree, from 1. */
  finalQuorum: number;
  /** Secret: for Etherscan and the explorers it runs. */
  etherscanKey: string;
  /** HTTPS, loopback excepted. */
  etherscanUrl: string;
  /** HTTPS, loopback excepted. */
  sourcifyUrl: string;
}

/** A setting's name in code. */
export type SettingName = keyof SettingTypes;

/** The parsed value of each setting that was given. */
export type SettingValues = Readonly<Partial<SettingTypes>>;

/** Every setting there is. docs/operations.md lists the same. */
export const SETTINGS: { readonly [Name in SettingName]: Setting<SettingTypes[Name]> } = {
  home: { env: ["POT_HOME"], key: "home", expected: "a folder", parse: matching(/^[^\0]+$/) },
  origin: {
    env: ["POT_ORIGIN"],
    key: "origin",
    expected: "the log's name: 1 to 200 characters without spaces or +, such as pot/6f1c2d9a",
    parse: matching(/^[^\s+\p{C}]{1,200}$/u),
  },
  logUrl: {
    env: ["POT_LOG_URL"],
    key: "logUrl",
    expected: POSTGRES_URL_FORM,
    parse: (text) => parsePostgresUrl(text) && text,
    isSecret: true,
  },
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
  privateKey: {
    env: ["PRIVATE_KEY"],
    expected: "64 hex characters, with or without 0x",
    parse: matching(/^(?:0x)?[0-9a-fA-F]{64}$/),
    isSecret: true,
  },
  keystore: { env: ["POT_KEYSTORE"], key: "keystore", expected: "a file", parse: matching(/^[^\0]+$/) },
  keystorePassphrase: {
    env: ["POT_KEYSTORE_PASSPHRASE"],
    expected: "a passphrase",
    parse: (text) => text,
    isSecret: true,
  },
  keystorePassphraseFile: {
    env: ["POT_KEYSTORE_PASSPHRASE_FILE"],
    key: "keystorePassphraseFile",
    expected: "a file",
    parse: matching(/^[^\0]+$/),
  },
  fixedFeePerGasWei: {
    env: ["GAS_PRICE_GWEI"],
    key: "gasPriceGwei",
    expected: "gwei above 0, such as 30",
    parse: gwei,
  },
  maxFeePerGasWei: {
    env: ["POT_MAX_FEE_GWEI"],
    key: "maxFeeGwei",
    expected: "gwei above 0, such as 200",
    parse: gwei,
  },
  maxPriorityFeePerGasWei: {
    env: ["POT_MAX_PRIORITY_FEE_GWEI"],
    key: "maxPriorityFeeGwei",
    expected: "gwei above 0, such as 2",
    parse: gwei,
  },
  confirmations: {
    env: ["POT_CONFIRMATIONS"],
    key: "confirmations",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  maxTransactionCostWei: {
    env: ["POT_MAX_TRANSACTION_COST"],
    key: "maxTransactionCost",
    expected: "an amount of the chain's currency above 0, such as 0.05",
    parse: currency,
  },
  deferFeeAboveWei: {
    env: ["POT_DEFER_FEE_GWEI"],
    key: "deferFeeGwei",
    expected: "gwei above 0, such as 40",
    parse: gwei,
  },
  anchorWithinMs: {
    env: ["POT_ANCHOR_WITHIN"],
    key: "anchorWithin",
    expected: "a time such as 90s, 10m, 6h or 2d",
    parse: durationMs,
  },
  dailyTransactions: {
    env: ["POT_DAILY_TRANSACTIONS"],
    key: "dailyTransactions",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  dailySpendWei: {
    env: ["POT_DAILY_SPEND"],
    key: "dailySpend",
    expected: "an amount of the chain's currency above 0, such as 0.5",
    parse: currency,
  },
  monthlyTransactions: {
    env: ["POT_MONTHLY_TRANSACTIONS"],
    key: "monthlyTransactions",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  monthlySpendWei: {
    env: ["POT_MONTHLY_SPEND"],
    key: "monthlySpend",
    expected: "an amount of the chain's currency above 0, such as 5",
    parse: currency,
  },
  maxInFlight: {
    env: ["POT_MAX_IN_FLIGHT"],
    key: "maxInFlight",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  stuckAfterMs: {
    env: ["POT_STUCK_AFTER"],
    key: "stuckAfter",
    expected: "a time such as 90s, 10m or 1h",
    parse: durationMs,
  },
  finalQuorum: {
    env: ["POT_FINAL_QUORUM"],
    key: "finalQuorum",
    expected: "a whole number from 1: how many endpoints must agree",
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
