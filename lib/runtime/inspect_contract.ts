import { checkContract, type ContractCheck } from "../chain/check_contract.ts";
import { type Deployment, readDeployment } from "../chain/deployment_file.ts";
import { NO_ADDRESS } from "../chain/deployment_plan.ts";
import { UsageError } from "../core/errors.ts";
import type { Config } from "./config.ts";
import { requireEvm } from "./deploy.ts";
import { openEndpoints } from "./open_sender.ts";
import { resolveContract } from "./resolve_contract.ts";

export interface InspectedContract extends ContractCheck {
  readonly chainId: number;
  /** Everything is as it should be: code of a release, nothing that acts in its place, and the deployment file agrees. */
  readonly ok: boolean;
  /** What is not, one line each. */
  readonly problems: readonly string[];
}

/**
 * Looks at the configured contract without changing anything.
 *
 * @throws {UsageError} when no chain or no contract is configured, or the endpoint serves another chain.
 * @throws {UnreachableError} when no endpoint answers.
 */
export async function inspectContract(
  config: Config,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<InspectedContract> {
  const evm = requireEvm(config);
  const contract = await resolveContract(config);
  if (contract === undefined) {
    throw new UsageError("Cannot check the contract as none is configured", {
      hint: "set CONTRACT_ADDRESS, or deploy one with: pot contract deploy",
    });
  }
  const found = await checkContract({ endpoints: openEndpoints(evm), contract, ...(signal && { signal }) });
  const { chainId } = evm;
  const deployment = await readDeployment(config.folder, chainId);
  const problems = [
    ...(found.isReleasedCode
      ? []
      : [found.hasCode ? "its code is that of no release" : "there is no code at its address"]),
    ...found.delegations,
    ...(deployment === undefined ? [] : disagreements(deployment, found)),
  ];
  return { ...found, chainId, ok: problems.length === 0, problems };
}

/** Where the deployment file says something else than the chain. A contract of another address is not what the file is about. */
function disagreements(
  { contractAddress, codeHash, predecessor }: Deployment,
  found: ContractCheck,
): readonly string[] {
  if (contractAddress.toLowerCase() !== found.contract.toLowerCase()) return [];
  const before = found.predecessor === NO_ADDRESS ? undefined : found.predecessor;
  return [
    ...(codeHash === found.codeHash ? [] : [`the deployment file says code hash ${codeHash}`]),
    ...(!found.isReleasedCode || predecessor?.toLowerCase() === before?.toLowerCase()
      ? []
      : [`the deployment file says predecessor ${predecessor ?? "none"}`]),
  ];
}
