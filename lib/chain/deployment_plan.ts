import { concat, encodeAbiParameters, getAddress } from "viem/utils";
import { proofOfTrainingBytecode, proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { create2Address, create2Call, DEPLOYMENT_SALT, nextSalt } from "./create2.ts";
import type { Deployment } from "./deployment_file.ts";
import type { SendRequest } from "./transaction_sender.ts";

/** How the contract gets its address: the same on every chain, or from its deployer's next nonce. */
export type DeploymentMethod = "create2" | "create";

/** The address that stands for "none". */
export const NO_ADDRESS = "0x0000000000000000000000000000000000000000";

/** What decides a deployment. */
export interface DeploymentPlanOptions {
  readonly method: DeploymentMethod;
  /** Who may pause and hand over. */
  readonly owner: `0x${string}`;
  /** The contract whose records and heads the new one continues. @default none */
  readonly predecessor?: `0x${string}` | undefined;
  /** The deployment that this one follows, as its file says. */
  readonly before?: Deployment | undefined;
  /** Whether there is to be another contract although `before` is there. */
  readonly isForced: boolean;
}

/** One deployment, worked out before anything is sent. */
export interface DeploymentPlan {
  readonly method: DeploymentMethod;
  /** keccak256 of the code that will be there. */
  readonly codeHash: `0x${string}`;
  /** EIP-55. */
  readonly owner: `0x${string}`;
  /** EIP-55; zero for none. */
  readonly predecessor: `0x${string}`;
  /** Owner and predecessor, ABI-encoded. */
  readonly constructorArguments: `0x${string}`;
  /** Creation code and arguments. */
  readonly initCode: `0x${string}`;
  /** With `create2` only. */
  readonly salt?: `0x${string}`;
  /** Where it will be, EIP-55; known beforehand with `create2` only. */
  readonly address?: `0x${string}`;
  /** The transaction that makes it. */
  readonly request: SendRequest;
}

/** Works out what to send. The transaction's key follows from it, so that a run that was killed finds its own transaction again. */
export function planDeployment(options: DeploymentPlanOptions): DeploymentPlan {
  const { method, before, isForced } = options;
  const owner = getAddress(options.owner);
  const predecessor = getAddress(options.predecessor ?? NO_ADDRESS);
  const constructorArguments = encodeAbiParameters(
    [{ type: "address" }, { type: "address" }],
    [owner, predecessor],
  );
  const initCode = concat([proofOfTrainingBytecode, constructorArguments]);
  const purpose = "deploy the contract";
  const after = before?.transactionHash ?? before?.contractAddress ?? "none";
  const codeHash = proofOfTrainingCodeHash;
  const common = { method, codeHash, owner, predecessor, constructorArguments, initCode };
  if (method === "create") {
    const key = `deploy ${proofOfTrainingCodeHash} for ${owner} from ${predecessor} after ${after}`;
    return { ...common, request: { key, purpose, data: initCode } };
  }
  const salt = isForced && before !== undefined ? nextSalt(before.contractAddress) : DEPLOYMENT_SALT;
  const address = create2Address(initCode, salt);
  const request = { key: `deploy ${address} after ${after}`, purpose, ...create2Call(initCode, salt) };
  return { ...common, salt, address, request };
}
