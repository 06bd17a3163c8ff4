import { formatEther, keccak256 } from "viem/utils";
import { proofOfTrainingCodeHash, proofOfTrainingCompiler } from "../../contracts/artifact.ts";
import type { Clock } from "../core/clock.ts";
import { PotError } from "../core/errors.ts";
import type { FeePolicy } from "../core/fee_policy.ts";
import { compilerSettingsHash } from "./compiler_settings.ts";
import type { Deployment } from "./deployment_file.ts";
import { type DeploymentPlan, NO_ADDRESS } from "./deployment_plan.ts";
import { ensureDeploymentProxy, proxyMissing } from "./deployment_proxy.ts";
import { type DeploymentEstimate, estimateDeployment } from "./estimate_deployment.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { type DeploymentFacts, findDeployment } from "./find_deployment.ts";
import { parseData } from "./rpc_values.ts";
import type { MinedTransaction, TransactionSender } from "./transaction_sender.ts";

/** What a deployment is made with. */
export interface RunDeploymentOptions {
  /** Its chain id is the one that is meant. */
  readonly endpoints: Pick<EndpointPool, "read" | "readMany" | "broadcast" | "chainId">;
  /** Signs and pays. */
  readonly sender: Pick<TransactionSender, "address" | "has" | "send">;
  /** The sender's, so that the balance is compared with what the sender will ask for. */
  readonly feePolicy: FeePolicy;
  /** For pauses between two looks. */
  readonly clock: Clock;
  /** Symbol of what gas is paid in. @default "ETH" */
  readonly currency?: string;
  /** Where that is given away, on a test network. @default nowhere */
  readonly faucets?: readonly string[];
  /** Depth to wait for. @default the sender's */
  readonly confirmations?: number;
  readonly signal?: AbortSignal;
}

/**
 * Makes a planned contract, unless it is there: looks at its address, checks the balance, makes the deployment proxy where it is
 * missing, sends, waits, and compares the code. A run that was killed anywhere is completed by the next one, as each transaction's key
 * follows from the plan, and nothing is sent where the contract is already.
 *
 * @throws {PotError} when the account can't pay, the deployment proxy can't be made here, or what is there afterwards is not our code.
 * @throws {UnreachableError} when it could not be found out; run it again, it won't deploy twice.
 */
export async function runDeployment(
  plan: DeploymentPlan,
  options: RunDeploymentOptions,
): Promise<{ readonly deployment: Deployment; readonly isNew: boolean }> {
  const { endpoints, sender, clock, confirmations, signal } = options;
  const { chainId } = endpoints;
  const { address: planned, request } = plan;
  const waiting = { ...(signal && { signal }) };
  // What this journal sent is seen through, so that its file says all there is to say.
  if (planned !== undefined && !sender.has(request.key)) {
    const codeHash = await getCodeHash(endpoints, planned, { block: "latest", ...waiting });
    if (codeHash !== undefined) {
      assertOurs(planned, codeHash);
      const call = { to: request.to!, data: request.data };
      const facts = await findDeployment(endpoints, { address: planned, call, ...waiting });
      return { deployment: describe(plan, planned, { chainId, facts }), isNew: false };
    }
  }
  if (!sender.has(request.key)) {
    const estimate = await estimateDeployment(plan, { ...options, address: sender.address });
    if (estimate.obstacle !== undefined) throw proxyMissing(estimate.obstacle);
    checkFunds(estimate, options);
  }
  if (plan.method === "create2") await ensureDeploymentProxy({ endpoints, sender, clock, ...waiting });
  const mined = await sender.send(request, {
    ...waiting,
    ...(confirmations === undefined ? {} : { confirmations }),
  });
  const address = planned ?? mined.contractAddress;
  if (address === undefined) {
    throw new PotError("Cannot use the deployment as its receipt names no contract", {
      facts: [`transaction: ${mined.transactionHash}`],
    });
  }
  // At that block: an endpoint that lags says that it does not know it, instead of "no code".
  const block = `0x${mined.blockNumber.toString(16)}`;
  assertOurs(address, await getCodeHash(endpoints, address, { block, ...waiting }));
  const facts = factsOf(mined, sender.address);
  return { deployment: describe(plan, address, { chainId, facts }), isNew: true };
}

/** keccak256 of the code at an address; `undefined` where there is none. */
export async function getCodeHash(
  endpoints: Pick<EndpointPool, "read">,
  contract: `0x${string}`,
  { block, signal }: { readonly block: string; readonly signal?: AbortSignal },
): Promise<`0x${string}` | undefined> {
  const code = parseData(
    await endpoints.read("eth_getCode", [contract, block], { ...(signal && { signal }) }),
    "contract code",
  );
  return code === "0x" ? undefined : keccak256(code);
}

function assertOurs(contract: `0x${string}`, codeHash: `0x${string}` | undefined): void {
  if (codeHash === proofOfTrainingCodeHash) return;
  throw new PotError("Cannot use the deployment as the code on the chain is not ours", {
    facts: [
      `contract: ${contract}`,
      `code hash: ${codeHash ?? "no code"}`,
      `expected: ${proofOfTrainingCodeHash}`,
    ],
    hint: "if the chain was started afresh under the same chain id, use a fresh POT_HOME too",
  });
}

function checkFunds(
  { balanceWei, maxCostWei, address }: DeploymentEstimate,
  { currency = "ETH", faucets = [] }: RunDeploymentOptions,
): void {
  if (balanceWei >= maxCostWei) return;
  const where = faucets.length === 0 ? "" : `; it is given away at ${faucets.join(" and ")}`;
  throw new PotError("Cannot deploy the contract as the account cannot pay for it", {
    facts: [
      `account: ${address}`,
      `balance: ${formatEther(balanceWei)} ${currency}`,
      `needed: up to ${formatEther(maxCostWei)} ${currency}`,
    ],
    hint: `send at least ${formatEther(maxCostWei - balanceWei)} ${currency} to ${address}${where}`,
  });
}

function factsOf(mined: MinedTransaction, deployer: `0x${string}`): DeploymentFacts {
  const { transactionHash, blockNumber, gasUsed, blockTime } = mined;
  return {
    transactionHash,
    blockNumber,
    gasUsed,
    deployer,
    deployedAt: new Date(blockTime * 1_000).toISOString(),
  };
}

function describe(
  plan: DeploymentPlan,
  contractAddress: `0x${string}`,
  { chainId, facts }: { readonly chainId: number; readonly facts: DeploymentFacts },
): Deployment {
  const { method, salt, owner: initialOwner, predecessor, constructorArguments, initCode } = plan;
  return {
    contractAddress,
    chainId,
    codeHash: proofOfTrainingCodeHash,
    method,
    ...(salt === undefined ? {} : { salt }),
    initCodeHash: keccak256(initCode),
    constructorArguments,
    initialOwner,
    ...(predecessor === NO_ADDRESS ? {} : { predecessor }),
    compiler: { ...proofOfTrainingCompiler },
    compilerSettingsHash: compilerSettingsHash(),
    ...facts,
  };
}
