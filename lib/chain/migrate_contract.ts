import { PotError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { checkContract, type CheckContractOptions, type ContractCheck } from "./check_contract.ts";
import { compilerSettingsHash } from "./compiler_settings.ts";
import { type Deployment, deploymentPath, readDeployment, writeDeployment } from "./deployment_file.ts";
import { type DeploymentMethod, type DeploymentPlan, NO_ADDRESS, planDeployment } from "./deployment_plan.ts";
import { type CostEstimate, estimateCost, type EstimateCostOptions } from "./estimate_cost.ts";
import { type DeploymentEstimate, estimateDeployment } from "./estimate_deployment.ts";
import { type OwnerAction, planOwnerAction } from "./owner_actions.ts";
import { assertCaller, runOwnerAction } from "./run_owner_action.ts";
import { getCodeHash, runDeployment, type RunDeploymentOptions } from "./run_deployment.ts";
import { proofOfTrainingCompiler } from "../../contracts/artifact.ts";

/** Which contract is to be replaced, and how. */
export interface MigrationChoice extends CheckContractOptions {
  /** How the successor gets its address. @default "create2" */
  readonly method?: DeploymentMethod;
}

/** What is left to do of a migration. */
export interface MigrationPlan {
  /** The contract that is to be replaced. */
  readonly old: ContractCheck;
  /** Its successor's deployment. */
  readonly plan: DeploymentPlan;
  /** Where the successor is, or will be; unknown with a plain CREATE that was not sent yet. */
  readonly successor?: `0x${string}`;
  /** The successor is on the chain. */
  readonly isDeployed: boolean;
  /** The old one takes no writes any more; where its release knows how, it names the successor. */
  readonly isRetired: boolean;
  /** The old one is of the first release, which cannot name a successor: it is paused. */
  readonly isFirstRelease: boolean;
}

/** For a dry run before the successor is there: `retire` was measured at 58 449 to 65 775 gas, `pauseContract` takes less. */
export const RETIRE_GAS = 68_000n;

/**
 * Works out what is left to do, from the chain alone. Changes nothing.
 *
 * @throws {PotError} when what is there is no contract of any release.
 */
export async function planMigration(
  { method = "create2", ...options }: MigrationChoice,
): Promise<MigrationPlan> {
  const { endpoints, signal } = options;
  const old = await checkContract(options);
  if (!old.isReleasedCode || old.owner === undefined) {
    throw new PotError("Cannot migrate as what is there is no ProofOfTraining contract", {
      facts: [`contract: ${old.contract}`, `code hash: ${old.codeHash ?? "no code"}`],
      hint: "check CONTRACT_ADDRESS and CHAIN_ID with: pot contract check",
    });
  }
  const isFirstRelease = old.successor === undefined;
  const plan = planDeployment({ method, owner: old.owner, predecessor: old.contract, isForced: false });
  const linked = isFirstRelease || old.successor === NO_ADDRESS ? undefined : old.successor;
  const successor = linked ?? plan.address;
  const isDeployed = successor !== undefined && (linked !== undefined ||
    await getCodeHash(endpoints, successor, { block: "latest", ...(signal && { signal }) }) !== undefined);
  return {
    old,
    plan,
    ...(successor === undefined ? {} : { successor }),
    isDeployed,
    isRetired: linked !== undefined || (isFirstRelease && isDeployed && old.isPaused === true),
    isFirstRelease,
  };
}

/** What takes the old contract out of use. */
export function retirement({ isFirstRelease }: MigrationPlan, successor: `0x${string}`): OwnerAction {
  return isFirstRelease ? { kind: "pause" } : { kind: "retire", successor };
}

/** What a migration would cost: only of what is left to do. */
export interface MigrationEstimate {
  readonly deployment?: DeploymentEstimate;
  readonly retirement?: CostEstimate;
  readonly costWei: bigint;
  readonly maxCostWei: bigint;
  readonly balanceWei: bigint;
}

/** Estimates what is left to do, without sending anything. */
export async function estimateMigration(
  migration: MigrationPlan,
  options: EstimateCostOptions,
): Promise<MigrationEstimate> {
  const { old, plan, successor, isDeployed, isRetired } = migration;
  const deployment = isDeployed ? undefined : await estimateDeployment(plan, options);
  let retire: CostEstimate | undefined;
  let balanceWei = deployment?.balanceWei ?? 0n;
  if (!isRetired && successor !== undefined && isDeployed) {
    const call = planOwnerAction(retirement(migration, successor), old);
    if (call !== undefined) {
      const { purpose, data, caller } = call;
      // By whoever may: an estimate for another account would only say that it is refused.
      const estimate = await estimateCost({ key: "", purpose, to: old.contract, data }, {
        ...options,
        address: caller,
      });
      ({ balanceWei, ...retire } = estimate);
    }
  } else if (!isRetired && deployment !== undefined) {
    const { feePerGasWei } = deployment.steps.at(-1)!;
    const costWei = RETIRE_GAS * feePerGasWei;
    retire = {
      purpose: "retire the contract",
      gas: RETIRE_GAS,
      feePerGasWei,
      costWei,
      maxCostWei: 2n * costWei,
    };
  }
  return {
    ...(deployment === undefined ? {} : { deployment }),
    ...(retire === undefined ? {} : { retirement: retire }),
    costWei: (deployment?.costWei ?? 0n) + (retire?.costWei ?? 0n),
    maxCostWei: (deployment?.maxCostWei ?? 0n) + (retire?.maxCostWei ?? 0n),
    balanceWei,
  };
}

/** What a migration is made with. */
export interface MigrateContractOptions extends MigrationChoice, Omit<RunDeploymentOptions, "endpoints"> {
  readonly endpoints: RunDeploymentOptions["endpoints"];
  /** The folder that holds `deployments/`. */
  readonly folder: string;
  /** @default the disk */
  readonly files?: FileLayer;
}

/** What {@linkcode migrateContract} did. */
export interface MigrationResult {
  readonly old: `0x${string}`;
  readonly deployment: Deployment;
  /** The deployment file. */
  readonly path: string;
  /** Where the old contract's deployment file is kept now. */
  readonly keptPath?: string;
  /** False when all of it was done before. */
  readonly isNew: boolean;
  /** The old contract cannot name its successor, so clients have to be told. */
  readonly isFirstRelease: boolean;
}

/**
 * Puts a new contract in the place of an old one: deploys it with the old one as its predecessor, retires the old one in its favour (one
 * of the first release is paused instead), and writes the deployment file. Killed anywhere, the next run goes on where it stands.
 *
 * @throws {UsageError} when the account is not the old contract's owner; nothing is sent then.
 * @throws {PotError} when the account can't pay.
 */
export async function migrateContract(options: MigrateContractOptions): Promise<MigrationResult> {
  const { sender } = options;
  const migration = await planMigration(options);
  const { old, plan, isRetired } = migration;
  if (!isRetired) {
    // Before the deployment is paid for.
    const call = planOwnerAction(retirement(migration, migration.successor ?? plan.owner), old);
    if (call !== undefined) assertCaller(call, sender.address);
  }
  // What was put in its place in another way than this one would be deployed is taken as it is.
  const isOther = isRetired && migration.successor !== plan.address && !sender.has(plan.request.key);
  const { deployment } = isOther
    ? { deployment: describeSuccessor(migration, options.endpoints.chainId) }
    : await runDeployment(plan, options);
  const action = retirement(migration, deployment.contractAddress);
  const retired = isRetired
    ? undefined
    : await runOwnerAction(action, { ...options, contract: old.contract });
  const written = await writeMigration(migration, deployment, options);
  return { ...written, isNew: written.isNew || retired?.isNew === true };
}

/** The last step of a migration that others signed for: what the chain says goes into the deployment file. No key is needed. */
export async function completeMigration(
  migration: MigrationPlan,
  options: Pick<MigrateContractOptions, "folder" | "files" | "endpoints">,
): Promise<MigrationResult> {
  const deployment = describeSuccessor(migration, options.endpoints.chainId);
  return await writeMigration(migration, deployment, options);
}

async function writeMigration(
  { old, isFirstRelease }: MigrationPlan,
  deployment: Deployment,
  { folder, files, endpoints }: Pick<MigrateContractOptions, "folder" | "files"> & {
    readonly endpoints: { readonly chainId: number };
  },
): Promise<MigrationResult> {
  const onDisk = { ...(files && { files }) };
  const before = await readDeployment(folder, endpoints.chainId, onDisk);
  const isWritten = before?.contractAddress === deployment.contractAddress;
  const keptPath = isWritten ? undefined : await writeDeployment(folder, deployment, onDisk);
  return {
    old: old.contract,
    deployment: isWritten ? before : deployment,
    path: deploymentPath(folder, endpoints.chainId),
    ...(keptPath === undefined ? {} : { keptPath }),
    isNew: !isWritten,
    isFirstRelease,
  };
}

/** As far as the chain says it: the successor of a migration that this journal did not send. */
function describeSuccessor(
  { old, plan, successor }: MigrationPlan,
  chainId: number,
): Deployment {
  const isPlanned = successor === plan.address;
  return {
    contractAddress: successor!,
    chainId,
    codeHash: plan.codeHash,
    ...(isPlanned && plan.salt !== undefined
      ? {
        method: plan.method,
        salt: plan.salt,
        constructorArguments: plan.constructorArguments,
        initialOwner: plan.owner,
      }
      : {}),
    predecessor: old.contract,
    compiler: { ...proofOfTrainingCompiler },
    compilerSettingsHash: compilerSettingsHash(),
  };
}
