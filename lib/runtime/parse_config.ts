import { isAbsolute, join } from "node:path";
import { assertNotShutDown, findNetwork, findNetworkByChainId, type Network } from "../chain/networks.ts";
import { PotError, UsageError } from "../core/errors.ts";
import { parsePostgresUrl } from "../log/postgres_url.ts";
import type { AccessConfig, Config, CostConfig, EvmConfig, ExplorerConfig, SendingConfig } from "./config.ts";
import { CONFIG_FILE_NAME } from "./read_config_file.ts";
import { type ReadSettings, readSettings, type SettingSources } from "./read_settings.ts";
import { parseAlerting } from "./parse_alerting.ts";
import { parseBackup } from "./backup_config.ts";
import { parseKeyAccess, parseSigning } from "./parse_signing.ts";
import { parseSections } from "./sections.ts";
import type { SettingValues } from "./settings.ts";

/** Where settings come from, and where relative paths start. */
export interface ParseConfigOptions extends SettingSources {
  /** The folder relative paths start from: that of pot.jsonc, or the working folder. Absolute. */
  readonly folder: string;
}

const GWEI = 1_000_000_000n;

/**
 * Turns flags, environment and file into a configuration.
 *
 * @throws {UsageError} listing every mistake at once, each with the setting's name and what it should look like.
 *
 * @example
 * ```ts
 * import { parseConfig } from "@pot/ops";
 * const config = parseConfig({ folder: "/srv/pot", env: { POT_CHAIN: "local" } });
 * console.log(config.home); // /srv/pot/.pot
 * ```
 */
export function parseConfig({ folder, ...sources }: ParseConfigOptions): Config {
  const { values, mistakes, names } = readSettings(sources);
  const all = [...mistakes];
  const sections = parseSections(sources.file ?? {}, all);
  const network = readNetwork({ values, names }, all);
  const chain = values.chain ?? (names.rpcUrls === undefined ? "local" : "evm");
  if (chain === "evm" && names.rpcUrls === undefined) {
    all.push("RPC_URL (or POT_RPC_URLS, or rpcUrls in pot.jsonc) must be given where the chain is evm");
  }
  if (chain === "evm" && names.chainId === undefined && names.network === undefined) {
    all.push(
      "CHAIN_ID (or POT_NETWORK) must be given where the chain is evm, so that a wrong endpoint is noticed",
    );
  }
  if (chain === "local" && values.fallback === "local") {
    all.push(
      names.chain === undefined
        ? `RPC_URL must be given where ${names.fallback} is "local": there is no chain to fall back from`
        : `${names.fallback} must be "none" where the chain is local already`,
    );
  }
  const priceless = (["dailyCostAlert", "monthlyCostAlert"] as const).filter((name) =>
    names[name] !== undefined
  );
  if (names.price === undefined && names.priceUrl === undefined) {
    for (const name of priceless) {
      all.push(`POT_PRICE (or POT_PRICE_URL) must be given where ${names[name]} is: what is a coin worth?`);
    }
  }
  const { finalQuorum = 1, rpcUrls = [] } = values;
  if (finalQuorum > Math.max(1, rpcUrls.length)) {
    all.push(`${names.finalQuorum} must not be above the number of endpoints (${rpcUrls.length})`);
  }
  const signing = parseSigning({ values, names }, { env: sources.env, folder }, all);
  const alerting = parseAlerting({ values, names }, { folder }, all);
  const backup = parseBackup({ values, names }, { folder }, all);
  const keys = parseKeyAccess({ values, names }, { env: sources.env, folder }, all);
  if (names.logUrl?.endsWith(CONFIG_FILE_NAME) && parsePostgresUrl(values.logUrl ?? "")?.password) {
    all.push(
      `${names.logUrl} must not hold a password: give the URL in POT_LOG_URL, or the password in PGPASSWORD`,
    );
  }
  if (names.token !== undefined && names.tokenFile !== undefined) {
    all.push(`${names.token} and ${names.tokenFile} must not be given together: who acts?`);
  }
  if (all.length > 0) {
    throw new UsageError(
      `Cannot use the configuration as ${count(all.length, "setting is", "settings are")} wrong`,
      {
        facts: all,
        hint: "correct each where it stands: on the command line, in the environment or in pot.jsonc",
      },
    );
  }
  const evm = values.rpcUrls === undefined ? undefined : evmConfig(values, network);
  const home = values.home ?? ".pot";
  return {
    home: absolute(folder, home),
    folder,
    chain,
    fallback: values.fallback ?? "none",
    anchoring: values.anchoring ?? "batched",
    ...(values.caFile === undefined ? {} : { caFile: absolute(folder, values.caFile) }),
    ...(values.origin === undefined ? {} : { origin: values.origin }),
    ...(values.proofs === undefined ? {} : { proofs: absolute(folder, values.proofs) }),
    ...(values.logUrl === undefined ? {} : { logUrl: values.logUrl }),
    ...(evm === undefined ? {} : { evm }),
    ...(signing === undefined ? {} : { signing }),
    keys,
    ...accessConfig(values, folder),
    cost: costConfig(values),
    ...alerting,
    ...backup,
    ...sections,
  };
}

function readNetwork(
  { values: { network, chainId }, names }: Pick<ReadSettings, "values" | "names">,
  mistakes: string[],
): Network | undefined {
  try {
    if (chainId !== undefined) assertNotShutDown(chainId);
  } catch (error) {
    mistakes.push(`${names.chainId}: ${mistakeOf(error)}`);
    return undefined;
  }
  if (network === undefined) return chainId === undefined ? undefined : findNetworkByChainId(chainId);
  try {
    const found = findNetwork(network);
    if (chainId === undefined || chainId === found.chainId) return found;
    mistakes.push(
      `${names.chainId} must be ${found.chainId} for the network ${network} (is ${chainId})`,
    );
  } catch (error) {
    mistakes.push(`${names.network}: ${mistakeOf(error)}`);
  }
  return undefined;
}

function mistakeOf(error: unknown): string {
  if (!(error instanceof PotError)) throw error;
  const { message, facts, hint } = error;
  return [message, ...facts, ...(hint === undefined ? [] : [hint])].join("; ");
}

function evmConfig(values: SettingValues, network: Network | undefined): EvmConfig | undefined {
  const chainId = values.chainId ?? network?.chainId;
  if (chainId === undefined) return undefined;
  return {
    chainId,
    rpcUrls: values.rpcUrls!,
    ...given({ rpcSelection: values.rpcSelection, rpcRate: values.rpcRate }),
    confirmations: values.confirmations ?? network?.confirmations ?? 12,
    maxFeePerGasWei: values.maxFeePerGasWei ??
      fromGwei(network?.maxFeeGwei ?? 100),
    ...(network === undefined ? {} : { network }),
    ...given({ contract: values.contract, contractOwner: values.contractOwner }),
    ...(values.fixedFeePerGasWei === undefined ? {} : { fixedFeePerGasWei: values.fixedFeePerGasWei }),
    ...priorityFeeCap(values, network),
    sending: sendingConfig(values),
    ...explorerConfig(values),
  };
}

function sendingConfig(
  {
    dailyTransactions,
    dailySpendWei,
    monthlyTransactions,
    monthlySpendWei,
    maxTransactionCostWei,
    deferFeeAboveWei,
    anchorWithinMs,
    maxInFlight,
    stuckAfterMs,
    finalQuorum,
  }: SettingValues,
): SendingConfig {
  const limits = given({ dailyTransactions, dailySpendWei, monthlyTransactions, monthlySpendWei });
  const others = {
    maxTransactionCostWei,
    deferFeeAboveWei,
    anchorWithinMs,
    maxInFlight,
    stuckAfterMs,
    finalQuorum,
  };
  return { limits, ...given(others) };
}

/** Without the fields that were not given. */
function given<T extends object>(fields: T): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

function priorityFeeCap({ maxPriorityFeePerGasWei: given }: SettingValues, network: Network | undefined) {
  if (given !== undefined) return { maxPriorityFeePerGasWei: given };
  return network === undefined ? {} : { maxPriorityFeePerGasWei: fromGwei(network.maxPriorityFeeGwei) };
}

function accessConfig({ access, token, tokenFile }: SettingValues, folder: string) {
  if (access === undefined && token === undefined && tokenFile === undefined) return {};
  const config: AccessConfig = {
    mode: access ?? "open",
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { tokenFile: absolute(folder, tokenFile) }),
  };
  return { access: config };
}

function explorerConfig({ etherscanKey, etherscanUrl, sourcifyUrl }: SettingValues) {
  const explorers: ExplorerConfig = {
    ...(etherscanKey === undefined ? {} : { etherscanKey }),
    ...(etherscanUrl === undefined ? {} : { etherscanUrl }),
    ...(sourcifyUrl === undefined ? {} : { sourcifyUrl }),
  };
  return Object.keys(explorers).length === 0 ? {} : { explorers };
}

function costConfig(
  { price, priceCurrency = "USD", priceUrl, pricePath, dailyCostAlert, monthlyCostAlert, dailyVolumeAlert }:
    SettingValues,
): CostConfig {
  const source = given({ perUnit: price, url: priceUrl, path: pricePath });
  const isPriced = price !== undefined || priceUrl !== undefined;
  return {
    ...(isPriced ? { price: { currency: priceCurrency, ...source } } : {}),
    ...given({ dailyAlert: dailyCostAlert, monthlyAlert: monthlyCostAlert, volumeAlert: dailyVolumeAlert }),
  };
}

function absolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Gwei with up to six decimals, as wei. */
function fromGwei(gwei: number): bigint {
  return BigInt(Math.round(gwei * 1e6)) * GWEI / 1_000_000n;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
