import type { Network } from "../chain/networks.ts";
import type { BudgetLimits } from "../core/budget.ts";
import type { Redactor } from "../core/redactor.ts";
import type { JobsConfig } from "./sections/jobs_section.ts";

/** Everything the program needs to know, checked. Made by `parseConfig`; holds the private key, so it is never printed whole. */
export interface Config {
  /** Folder of all state, absolute. */
  readonly home: string;
  /** Where pot.jsonc lies, or the working folder; `deployments/` is looked for here. Absolute. */
  readonly folder: string;
  /** The log's name in its checkpoints, such as `pot/6f1c…`; absent until `pot init`. */
  readonly origin?: string;
  /** The PostgreSQL database that holds the log, in place of the home folder. Holds a password: never printed. */
  readonly logUrl?: string;
  /** Whether heads go to a chain, or to the local ledger alone. */
  readonly chain: "evm" | "local";
  /** Where heads go while no endpoint answers. */
  readonly fallback: "none" | "local";
  /** `each` also stores every record's hash with `storeHash`. */
  readonly anchoring: "batched" | "each";
  /** Absent with `chain: "local"` and no endpoint. */
  readonly evm?: EvmConfig;
  /** Which key signs transactions; absent where only reads are wanted. */
  readonly signing?: SigningConfig;
  /** What gas is worth, and when spending and sending are told. */
  readonly cost: CostConfig;
  /** Which jobs of the daemon run when, as far as it is not their own data. */
  readonly jobs: JobsConfig;
  /** Asks a person without showing the answer; `undefined` when they give up. Absent where nobody can be asked. */
  readonly askSecret?: (question: string) => Promise<string | undefined>;
  /** Knows the secrets in here; told of those that are read later, such as a key from a vault. @default nobody is told */
  readonly redactor?: Redactor;
}

/** What gas is worth, and when spending and sending are told. */
export interface CostConfig {
  /** Absent: amounts stay in the chain's currency. */
  readonly price?: PriceConfig;
  /** Money a day from which on it is told. */
  readonly dailyAlert?: number;
  /** Projected money a month from which on it is told. */
  readonly monthlyAlert?: number;
  /** Transactions in 24 hours from which on it is told. */
  readonly volumeAlert?: number;
}

/** Where the price of the chain's currency comes from: at least one of the two. */
export interface PriceConfig {
  /** One unit in money, above 0; used as long as the URL has given none. */
  readonly perUnit?: number;
  /** ISO 4217. */
  readonly currency: string;
  /** May hold an API key. */
  readonly url?: string;
  /** Where in the URL's JSON the price is: names joined by dots. @default the whole answer is the price */
  readonly path?: string;
}

/** Which chain, and on what terms. */
export interface EvmConfig {
  /** The preset whose defaults are in here; absent for a chain without one. */
  readonly network?: Network;
  /** EIP-155. */
  readonly chainId: number;
  /** In order of preference. May hold API keys: print through `redactUrl` only. */
  readonly rpcUrls: readonly string[];
  /** Which of them is asked first. @default the pool's own: by health */
  readonly rpcSelection?: "health" | "round-robin";
  /** Requests a second to each of them. @default no limit */
  readonly rpcRate?: number;
  /** Absent until a contract is deployed. */
  readonly contract?: `0x${string}`;
  /** Blocks an anchor must be deep to count as confirmed. */
  readonly confirmations: number;
  /** Never pay more than this for a unit of gas. */
  readonly maxFeePerGasWei: bigint;
  /** Pay exactly up to this instead of looking at the market (GAS_PRICE_GWEI). */
  readonly fixedFeePerGasWei?: bigint;
  /** Never pay more than this on top of the base fee. */
  readonly maxPriorityFeePerGasWei?: bigint;
  /** Limits and habits of the transaction sender. */
  readonly sending: SendingConfig;
  /** Where sources are published for others to check, as far as it is not the services' own. */
  readonly explorers?: ExplorerConfig;
}

/** Limits and habits of the transaction sender, as far as they are not its own. */
export interface SendingConfig {
  /** What one key may sign and spend in a day and a month. */
  readonly limits: BudgetLimits;
  /** The most that one transaction may cost. */
  readonly maxTransactionCostWei?: bigint;
  /** Above this, per unit of gas, anchoring waits until `anchorWithinMs` is over. */
  readonly deferFeeAboveWei?: bigint;
  /** How old a record may grow before its anchor is paid for at any price under the caps. */
  readonly anchorWithinMs?: number;
  /** How many transactions may wait for a block at once. */
  readonly maxInFlight?: number;
  /** How long the lowest nonce may wait before a form that pays more replaces it. */
  readonly stuckAfterMs?: number;
  /** Endpoints that must agree before a state becomes final. */
  readonly finalQuorum?: number;
}

/** The signing key: one of these, never both. */
export interface SigningConfig {
  /** Secret: 64 hex characters, with or without `0x`. */
  readonly privateKey?: string;
  /** A file that holds it encrypted. */
  readonly keystore?: KeystoreConfig;
}

/** An encrypted key, and where its passphrase comes from: given here, in a file, or asked for. */
export interface KeystoreConfig {
  /** Absolute. */
  readonly path: string;
  /** Secret. */
  readonly passphrase?: string;
  /** Holds it as its one line. Absolute. */
  readonly passphraseFile?: string;
}

/** The services that check published sources. */
export interface ExplorerConfig {
  /** Secret. */
  readonly etherscanKey?: string;
  /** Address of the V2 API. @default Etherscan's own */
  readonly etherscanUrl?: string;
  /** Address of the server. @default Sourcify's own */
  readonly sourcifyUrl?: string;
}
