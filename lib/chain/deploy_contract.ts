import { formatEther, getAddress, keccak256 } from "viem/utils";
import {
  proofOfTrainingBytecode,
  proofOfTrainingCodeHash,
  proofOfTrainingCompiler,
} from "../../contracts/artifact.ts";
import { PotError, UsageError } from "../core/errors.ts";
import type { FeePolicy } from "../core/fee_policy.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type Deployment, deploymentPath, readDeployment, writeDeployment } from "./deployment_file.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { prepareTransaction } from "./prepare_transaction.ts";
import { parseData, parseQuantity } from "./rpc_values.ts";
import type { SendRequest, TransactionSender } from "./transaction_sender.ts";

/** What to deploy with. */
export interface DeployContractOptions {
  /** For reads; its chain id is the one that is meant. */
  readonly endpoints: Pick<EndpointPool, "read" | "chainId">;
  /** Signs and pays. */
  readonly sender: Pick<TransactionSender, "address" | "has" | "send">;
  /** The sender's, so that the balance is compared with what the sender will ask for. */
  readonly feePolicy: FeePolicy;
  /** The folder that holds `deployments/`. */
  readonly folder: string;
  /** Who may pause and hand over. @default the sender's account */
  readonly owner?: `0x${string}`;
  /** Symbol of what gas is paid in. @default "ETH" */
  readonly currency?: string;
  /** Deploy once more although a contract is there. @default false */
  readonly force?: boolean;
  /** Depth to wait for. @default the sender's */
  readonly confirmations?: number;
  /** @default the disk */
  readonly files?: FileLayer;
  readonly signal?: AbortSignal;
}

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

/** As the sender adds to the gas estimate by default. */
const GAS_MARGIN_PERCENT = 20;

/**
 * Deploys ProofOfTraining once a chain: chain id and balance are checked first, then it is sent, awaited, compared with
 * the code that was compiled, and written to `deployments/<chainId>.json`. A run that was killed after sending is completed
 * by the next one, as the sender's key follows from the code, the owner and the deployment before.
 *
 * @throws {UsageError} when the endpoint serves another chain.
 * @throws {PotError} when the account can't pay, or what is on the chain afterwards is not our code.
 * @throws {UnreachableError} when it could not be found out; run it again, it won't deploy twice.
 */
export async function deployContract(options: DeployContractOptions): Promise<DeployResult> {
  const { endpoints, sender, folder, force = false, confirmations, files, signal } = options;
  const { chainId } = endpoints;
  const owner = options.owner ?? sender.address;
  const waiting = { ...(signal && { signal }) };
  const onDisk = { ...(files && { files }) };
  await checkChainId(endpoints, waiting);

  const path = deploymentPath(folder, chainId);
  const before = await readDeployment(folder, chainId, onDisk);
  const isThere = before !== undefined &&
    await getCodeHash(endpoints, before.contractAddress, "latest", waiting) === before.codeHash;
  if (before !== undefined && isThere && !force) return { deployment: before, path, isNew: false };

  // Each deployment follows one: a forced run that was killed finds its own transaction, not the first.
  const predecessor = before?.transactionHash ?? "none";
  const request: SendRequest = {
    key: `deploy ${proofOfTrainingCodeHash} for ${owner.toLowerCase()} after ${predecessor}`,
    purpose: "deploy the contract",
    data: `${proofOfTrainingBytecode}${owner.slice(2).toLowerCase().padStart(64, "0")}`,
  };
  if (!sender.has(request.key)) await checkFunds(request, options);
  const mined = await sender.send(request, {
    ...waiting,
    ...(confirmations === undefined ? {} : { confirmations }),
  });
  const address = mined.contractAddress;
  if (address === undefined) {
    throw new PotError("Cannot use the deployment as its receipt names no contract", {
      facts: [`transaction: ${mined.transactionHash}`],
    });
  }
  // At that block: an endpoint that lags says that it does not know it, instead of "no code".
  const codeHash = await getCodeHash(endpoints, address, `0x${mined.blockNumber.toString(16)}`, waiting);
  if (codeHash !== proofOfTrainingCodeHash) {
    throw new PotError("Cannot use the deployment as the code on the chain is not ours", {
      facts: [
        `contract: ${address}`,
        `code hash: ${codeHash ?? "no code"}`,
        `expected: ${proofOfTrainingCodeHash}`,
      ],
      hint: "if the chain was started afresh under the same chain id, use a fresh POT_HOME too",
    });
  }
  const deployment: Deployment = {
    contractAddress: getAddress(address),
    transactionHash: mined.transactionHash,
    blockNumber: mined.blockNumber,
    gasUsed: mined.gasUsed,
    deployer: sender.address,
    chainId,
    codeHash,
    compiler: { ...proofOfTrainingCompiler },
    deployedAt: new Date(mined.blockTime * 1000).toISOString(),
  };
  const copyPath = await writeDeployment(folder, deployment, onDisk);
  if (before === undefined || copyPath === undefined) return { deployment, path, isNew: true };
  const reason = isThere ? "forced" : "gone";
  return { deployment, path, isNew: true, replaced: { deployment: before, path: copyPath, reason } };
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

async function checkFunds(request: SendRequest, options: DeployContractOptions): Promise<void> {
  const { endpoints, sender, feePolicy, currency = "ETH", signal } = options;
  const { maxCostWei, balanceWei } = await prepareTransaction(request, {
    endpoints,
    address: sender.address,
    feePolicy,
    gasMarginPercent: GAS_MARGIN_PERCENT,
    ...(signal && { signal }),
  });
  if (balanceWei >= maxCostWei) return;
  throw new PotError("Cannot deploy the contract as the account cannot pay for it", {
    facts: [
      `account: ${sender.address}`,
      `balance: ${formatEther(balanceWei)} ${currency}`,
      `needed: up to ${formatEther(maxCostWei)} ${currency}`,
    ],
    hint: `send at least ${formatEther(maxCostWei - balanceWei)} ${currency} to ${sender.address}`,
  });
}

/** `undefined` where there is no code. */
async function getCodeHash(
  endpoints: Pick<EndpointPool, "read">,
  contract: string,
  block: string,
  waiting: { readonly signal?: AbortSignal },
): Promise<`0x${string}` | undefined> {
  const code = parseData(await endpoints.read("eth_getCode", [contract, block], waiting), "contract code");
  return code === "0x" ? undefined : keccak256(code);
}
