import type { Network } from "../chain/networks.ts";
import type { BudgetLimits } from "../core/budget.ts";
import type { KeyUri } from "../keys/parse_key_uri.ts";
import type { Redactor } from "../core/redactor.ts";
import type { AlertsConfig } from "./sections/alerts_section.ts";
import type { AlertingConfig } from "./alerting_config.ts";
import type { BackupConfig } from "./backup_config.ts";
import type { JobsConfig } from "./sections/jobs_section.ts";

/** Everything the program needs to know, checked. Made by `parseConfig`; holds the private key, so it is never printed whole. */
export interface Config {
  /** Folder of all state, absolute. */
  readonly home: string;
  /** Where pot.jsonc lies, or the working folder; `deployments/` is looked for here. Absolute. */
  readonly folder: string;
  /** The log's name in its checkpoints, such as `pot/6f1c…`; absent until `pot init`. */
  readonly origin?: string;
  /** Folder of proof files that the daemon keeps up to date, absolute. */
  readonly proofs?: string;
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
  /** What opens a key, wherever it is. */
  readonly keys: KeyAccessConfig;
  /** Whether whoever acts has to say who he is. @default no token is asked for */
  readonly access?: AccessConfig;
  /** What gas is worth, and when spending and sending are told. */
  readonly cost: CostConfig;
  /** Where alerts go. @default nowhere */
  readonly alerting?: AlertingConfig;
  /** Where backups go, and for how long. @default nowhere */
  readonly backup?: BackupConfig;
  /** Which jobs of the daemon run when, as far as it is not their own data. */
  readonly jobs: JobsConfig;
  /** Rules of alerts, and what is not told when. */
  readonly alerts: AlertsConfig;
  /** The only certificate authorities to trust, PEM, absolute; `openRuntime` sees to it. @default those of Deno */
  readonly caFile?: string;
  /** Asks a person without showing the answer; `undefined` when they give up. Absent where nobody can be asked. */
  readonly askSecret?: (question: string) => Promise<string | undefined>;
  /** Knows the secrets in here; told of those that are read later, such as a key from a vault. @default nobody is told */
  readonly redactor?: Redactor;
}

/** Whether whoever acts has to say who he is, and how he does. */
export interface AccessConfig {
  /** `open`: whoever may write the home folder may do anything · `tokens`: what changes anything needs a token. */
  readonly mode: "open" | "tokens";
  /** Secret. */
  readonly token?: string;
  /** File that holds it; absolute. */
  readonly tokenFile?: string;
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
  /** Who has to own the contract: anybody else is told. @default whoever does */
  readonly contractOwner?: `0x${string}`;
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

/** Which key signs. */
export interface SigningConfig {
  /** Where it is; the path of a keystore is absolute. */
  readonly source: KeyUri;
  /** The same as text, as POT_KEY_SOURCE takes it. Of a `signer:` the path may be a secret: show it through `redactText` only. */
  readonly uri: string;
  /** The account that the key must be of. @default whichever it is of */
  readonly address?: `0x${string}`;
}

/** What opens a key, wherever it is. Holds secrets. */
export interface KeyAccessConfig {
  /** Secret: opens a keystore. @default that of `passphraseFile`, else asked for */
  readonly passphrase?: string;
  /** Holds it as its one line. Absolute. */
  readonly passphraseFile?: string;
  /** Opens HashiCorp Vault. */
  readonly vault: VaultLoginConfig;
  /** For opening a key that is held elsewhere, and for one signature there. */
  readonly timeoutMs: number;
  /** How long an external signer may take, as a person may have to confirm. */
  readonly signerTimeoutMs: number;
  /** What an environment variable that may hold a private key says; `undefined` where it is not set, or empty. Secret. */
  readonly readVariable: (name: string) => string | undefined;
}

/** A token, or an AppRole; each secret here or in a file that holds it as its one line. */
export interface VaultLoginConfig {
  /** Secret. */
  readonly token?: string;
  /** Absolute. */
  readonly tokenFile?: string;
  /** Of an AppRole. */
  readonly roleId?: string;
  /** Secret. */
  readonly secretId?: string;
  /** Absolute. */
  readonly secretIdFile?: string;
  /** Of Vault Enterprise. */
  readonly namespace?: string;
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
