import { checkContract, type ContractCheck } from "../chain/check_contract.ts";
import { type OwnerAction, planOwnerAction, safeCallOf } from "../chain/owner_actions.ts";
import { assertSuccessor, type OwnerActionResult, runOwnerAction } from "../chain/run_owner_action.ts";
import { UsageError } from "../core/errors.ts";
import type { Config } from "./config.ts";
import { requireEvm } from "./deploy.ts";
import { openEndpoints, openSender } from "./open_sender.ts";
import { resolveContract } from "./resolve_contract.ts";
import { writeSafeFile, type WrittenSafeFile } from "./write_safe_file.ts";

/** What became of an action that was sent. */
export interface ManagedContract extends OwnerActionResult {
  readonly contract: `0x${string}`;
  readonly chainId: number;
}

/**
 * Does one thing that only the configured contract's owner can.
 *
 * @throws {UsageError} when no chain, contract or key is configured, or the key is not the owner's.
 * @throws {PotError} when the contract would refuse it.
 */
export async function manageContract(
  config: Config,
  action: OwnerAction,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ManagedContract> {
  const evm = requireEvm(config);
  const contract = await requireConfigured(config);
  const endpoints = openEndpoints(evm);
  const waiting = { ...(signal && { signal }) };
  await using sender = await openSender(config, { evm, endpoints, ...waiting });
  const result = await runOwnerAction(action, { endpoints, sender, contract, ...waiting });
  return { contract, chainId: evm.chainId, ...result };
}

/** A Safe's file instead of a transaction, or what made it needless. */
export interface SafeManagedContract {
  readonly contract: `0x${string}`;
  readonly chainId: number;
  readonly state: ContractCheck;
  /** Absent where the action is done already. */
  readonly written?: WrittenSafeFile;
}

/**
 * Writes the action into a file for the Safe that owns the contract, instead of sending it. No key is needed.
 *
 * @throws {UsageError} when the file is there already.
 * @throws {PotError} when the contract would refuse it.
 */
export async function writeOwnerAction(
  config: Config,
  action: OwnerAction,
  { file, signal }: { readonly file: string; readonly signal?: AbortSignal },
): Promise<SafeManagedContract> {
  const evm = requireEvm(config);
  const contract = await requireConfigured(config);
  const options = { endpoints: openEndpoints(evm), contract, ...(signal && { signal }) };
  const state = await checkContract(options);
  const { chainId } = evm;
  const call = planOwnerAction(action, state);
  if (call === undefined) return { contract, chainId, state };
  if (action.kind === "retire") await assertSuccessor(action.successor, options);
  const written = await writeSafeFile([safeCallOf(contract, call)], {
    file,
    chainId,
    safe: call.caller,
    name: `pot contract ${action.kind}`,
    description: `To ${call.purpose} ${contract}.`,
    ...options,
  });
  return { contract, chainId, state, written };
}

/** The configured contract, or the one that this installation deployed. */
export async function requireConfigured(config: Config): Promise<`0x${string}`> {
  const contract = await resolveContract(config);
  if (contract !== undefined) return contract;
  throw new UsageError("Cannot manage the contract as none is configured", {
    hint: "set CONTRACT_ADDRESS, or deploy one with: pot contract deploy",
  });
}
