import { create2Call } from "../chain/create2.ts";
import { checkContract } from "../chain/check_contract.ts";
import { findDeploymentProxy, proxyMissing } from "../chain/deployment_proxy.ts";
import { type DeploymentMethod, NO_ADDRESS } from "../chain/deployment_plan.ts";
import {
  completeMigration,
  estimateMigration,
  migrateContract,
  type MigrationEstimate,
  type MigrationPlan,
  type MigrationResult,
  planMigration,
  retirement,
} from "../chain/migrate_contract.ts";
import { planOwnerAction, safeCallOf } from "../chain/owner_actions.ts";
import type { SafeCall } from "../chain/safe_file.ts";
import { UsageError } from "../core/errors.ts";
import type { Config } from "./config.ts";
import { networkWords, requireEvm } from "./deploy.ts";
import { requireConfigured } from "./manage_contract.ts";
import { feePolicyOf } from "./open_chain_client.ts";
import { openEndpoints, openSender } from "./open_sender.ts";
import { systemClock } from "./system_clock.ts";
import { writeSafeFile, type WrittenSafeFile } from "./write_safe_file.ts";

/** How to migrate. */
export interface MigrateOptions {
  /** How the successor gets its address. @default "create2" */
  readonly method?: DeploymentMethod;
  /** The contract to replace. @default the configured one, unless it has taken another's place already */
  readonly contract?: `0x${string}`;
  readonly signal?: AbortSignal;
}

/** What is left to do, and what it would cost. */
export interface MigrationPreview extends MigrationPlan {
  readonly chainId: number;
  /** Symbol of what gas is paid in. */
  readonly currency: string;
  readonly estimate: MigrationEstimate;
}

/** Works out what a migration of the configured contract would do and cost. Sends nothing, and needs no key. */
export async function previewMigration(
  config: Config,
  choice: MigrateOptions = {},
): Promise<MigrationPreview> {
  const { evm, options } = await open(config, choice);
  const migration = await planMigration(options);
  // Only the owner can do all of it, so that is whose balance counts.
  const estimate = await estimateMigration(migration, {
    ...options,
    address: migration.old.owner!,
    feePolicy: feePolicyOf(evm),
  });
  return { ...migration, chainId: evm.chainId, currency: networkWords(evm).currency, estimate };
}

/**
 * Puts a new contract in the place of the configured one. Killed anywhere, the next run goes on where it stands.
 *
 * @throws {UsageError} when the key is not the owner's; nothing is sent then.
 */
export async function migrate(config: Config, choice: MigrateOptions = {}): Promise<MigrationResult> {
  const { evm, options } = await open(config, choice);
  const { folder } = config;
  const migration = await planMigration(options);
  // Others may have signed for the rest of it: what is left needs no key.
  if (migration.isRetired && config.signing === undefined) {
    return await completeMigration(migration, { ...options, folder });
  }
  await using sender = await openSender(config, { evm, endpoints: options.endpoints, ...signalOf(choice) });
  return await migrateContract({
    ...options,
    sender,
    feePolicy: feePolicyOf(evm),
    clock: systemClock,
    folder,
    ...networkWords(evm),
  });
}

/** A migration for a Safe to sign, or what is left once it has. */
export interface SafeMigration {
  readonly old: `0x${string}`;
  readonly successor: `0x${string}`;
  /** Absent where nothing is left to sign. */
  readonly written?: WrittenSafeFile;
}

/**
 * Writes the whole migration into one file for the Safe that owns the contract: deployment and retirement, in one batch. No key is
 * needed; once the Safe has executed it, `migrate` completes it.
 *
 * @throws {UsageError} when the file is there already.
 * @throws {PotError} where the deployment proxy is missing, as the address is not known beforehand then.
 */
export async function writeMigrationFile(
  config: Config,
  { file, ...choice }: MigrateOptions & { readonly file: string },
): Promise<SafeMigration> {
  const waiting = signalOf(choice);
  const { evm, options } = await open(config, choice);
  const migration = await planMigration(options);
  const { old, plan, successor, isDeployed, isRetired } = migration;
  if (successor === undefined || plan.salt === undefined) {
    throw new UsageError("Cannot write the migration as the successor's address is not known beforehand", {
      hint: "leave --create out",
    });
  }
  if (isRetired) return { old: old.contract, successor };
  const { endpoints } = options;
  if (!isDeployed && !(await findDeploymentProxy({ endpoints, ...waiting })).isThere) {
    throw proxyMissing("the deployment proxy is not there");
  }
  const retire = planOwnerAction(retirement(migration, successor), old);
  const calls: readonly SafeCall[] = [
    ...(isDeployed ? [] : [create2Call(plan.initCode, plan.salt)]),
    ...(retire === undefined ? [] : [safeCallOf(old.contract, retire)]),
  ];
  const written = await writeSafeFile(calls, {
    file,
    chainId: evm.chainId,
    safe: old.owner!,
    name: "pot contract migrate",
    description: `Deploys ${successor}, and retires ${old.contract} in its favour.`,
    endpoints,
    ...waiting,
  });
  return { old: old.contract, successor, written };
}

/**
 * @throws {UsageError} where nothing says which contract is to be replaced; so a repeated command cannot replace what it has just made.
 */
async function open(config: Config, { method, contract: named, signal }: MigrateOptions) {
  const evm = requireEvm(config);
  const contract = named ?? await requireConfigured(config);
  const endpoints = openEndpoints(evm);
  const options = { endpoints, contract, ...(method && { method }), ...(signal && { signal }) };
  if (named === undefined && evm.contract === undefined) {
    const { isKnownCode, predecessor, successor } = await checkContract(options);
    if (isKnownCode && predecessor !== NO_ADDRESS && successor === NO_ADDRESS) {
      throw new UsageError("Cannot migrate once more as the contract has taken another one's place already", {
        facts: [`contract: ${contract}`, `took the place of: ${predecessor}`],
        hint: `name it if you mean it: pot contract migrate ${contract}`,
      });
    }
  }
  return { evm, options };
}

function signalOf({ signal }: MigrateOptions) {
  return { ...(signal && { signal }) };
}
