import { UsageError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type Deployment, deploymentPath, readDeployment, writeDeployment } from "./deployment_file.ts";
import { type DeploymentMethod, type DeploymentPlan, planDeployment } from "./deployment_plan.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { parseQuantity } from "./rpc_values.ts";
import { getCodeHash, runDeployment, type RunDeploymentOptions } from "./run_deployment.ts";

/** What to deploy. */
export interface DeploymentChoice {
  /** The folder that holds `deployments/`. */
  readonly folder: string;
  /** Who may pause and hand over. @default the sender's account */
  readonly owner?: `0x${string}`;
  /** By CREATE2 under the same address on every chain, or by a plain CREATE. @default "create2" */
  readonly method?: DeploymentMethod;
  /** Deploy once more although a contract is there. @default false */
  readonly force?: boolean;
  /** @default the disk */
  readonly files?: FileLayer;
}

/** What to deploy, and with what. */
export type DeployContractOptions = DeploymentChoice & RunDeploymentOptions;

/** What {@linkcode deployContract} did. */
export interface DeployResult {
  readonly deployment: Deployment;
  /** The deployment file. */
  readonly path: string;
  /** False when the contract was there already. */
  readonly isNew: boolean;
  /** The earlier deployment whose place this one took, and where its file is kept now. */
  readonly replaced?: {
    readonly deployment: Deployment;
    readonly path: string;
    /** `gone`: its code was no longer on the chain, as on a devnet that was started afresh. */
    readonly reason: "gone" | "forced";
  };
}

/**
 * Deploys ProofOfTraining once a chain: chain id and balance are checked first, then it is sent, awaited, compared with
 * the code that was compiled, and written to `deployments/<chainId>.json`. A run that was killed anywhere is completed by the
 * next one.
 *
 * @throws {UsageError} when the endpoint serves another chain.
 * @throws {PotError} when the account can't pay, or what is on the chain afterwards is not our code.
 * @throws {UnreachableError} when it could not be found out; run it again, it won't deploy twice.
 */
export async function deployContract(options: DeployContractOptions): Promise<DeployResult> {
  const { endpoints, sender, folder, files, signal } = options;
  const onDisk = { ...(files && { files }) };
  const { before, isThere, plan } = await lookBeforeDeployment({
    ...options,
    owner: options.owner ?? sender.address,
  });
  const path = deploymentPath(folder, endpoints.chainId);
  if (plan === undefined) return { deployment: before!, path, isNew: false };
  const { deployment, isNew } = await runDeployment(plan, options);
  signal?.throwIfAborted();
  const copyPath = await writeDeployment(folder, deployment, onDisk);
  if (before === undefined || copyPath === undefined) return { deployment, path, isNew };
  const reason = isThere ? "forced" : "gone";
  return { deployment, path, isNew, replaced: { deployment: before, path: copyPath, reason } };
}

/** What is there before a deployment. */
export interface BeforeDeployment {
  /** What the deployment file says. */
  readonly before?: Deployment;
  /** Its code is on the chain. */
  readonly isThere: boolean;
  /** What is to be deployed; absent where `before` is there and another one was not asked for. */
  readonly plan?: DeploymentPlan;
}

/**
 * Looks at deployment file and chain, and works out what is left to do. Changes nothing.
 *
 * @throws {UsageError} when the endpoint serves another chain.
 */
export async function lookBeforeDeployment(
  options:
    & Required<Pick<DeploymentChoice, "owner">>
    & Omit<DeploymentChoice, "owner">
    & { readonly endpoints: Pick<EndpointPool, "read" | "chainId">; readonly signal?: AbortSignal },
): Promise<BeforeDeployment> {
  const { endpoints, owner, folder, method = "create2", force = false, files, signal } = options;
  const waiting = { ...(signal && { signal }) };
  await checkChainId(endpoints, waiting);
  const before = await readDeployment(folder, endpoints.chainId, { ...(files && { files }) });
  const isThere = before !== undefined &&
    await getCodeHash(endpoints, before.contractAddress, { block: "latest", ...waiting }) === before.codeHash;
  const known = { ...(before === undefined ? {} : { before }), isThere };
  if (isThere && !force) return known;
  return { ...known, plan: planDeployment({ method, owner, before, isForced: force }) };
}

async function checkChainId(
  endpoints: Pick<EndpointPool, "read" | "chainId">,
  waiting: { readonly signal?: AbortSignal },
): Promise<void> {
  const seen = parseQuantity(await endpoints.read("eth_chainId", [], waiting), "chain id");
  if (seen === BigInt(endpoints.chainId)) return;
  throw new UsageError(
    `Cannot deploy the contract as the RPC endpoint serves chain id ${seen}, not ${endpoints.chainId}`,
    {
      hint: "set CHAIN_ID (or the network) and RPC_URL to the same chain",
    },
  );
}
