import { checkContract } from "../chain/check_contract.ts";
import { createContractCalls } from "../chain/contract_calls.ts";
import { planOwnerAction } from "../chain/owner_actions.ts";
import { parseQuantity } from "../chain/rpc_values.ts";
import { assertCaller } from "../chain/run_owner_action.ts";
import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config } from "./config.ts";
import { requireEvm } from "./deploy.ts";
import { findForeignAnchor } from "./find_foreign_anchor.ts";
import type { KeyRotation, RetiredKey } from "./key_rotation_file.ts";
import { requireKeyInForce } from "./key_rotation_guard.ts";
import { requireConfigured } from "./manage_contract.ts";
import { openEndpoints } from "./open_sender.ts";
import { proveSigner } from "./prove_signer.ts";
import type { RotateSigningKeyOptions } from "./rotate_signing_key.ts";
import { systemClock } from "./system_clock.ts";

/**
 * Looks at everything that could stop a rotation later, and answers with the rotation; changes nothing.
 *
 * @throws {UsageError} when there is no key to replace, both are the same account, or the new one cannot take its place
 */
export async function planKeyRotation(
  config: Config,
  options: RotateSigningKeyOptions & { readonly retired: readonly RetiredKey[] },
): Promise<KeyRotation> {
  const { from: oldSource, to: newSource, openKey, files = denoFiles, clock = systemClock, signal } = options;
  const { isSweeping = false, isAnchoring = true, onNotice } = options;
  const evm = requireEvm(config);
  if (newSource === undefined) {
    throw new UsageError("Cannot rotate the signing key as it is not said which one is next", {
      hint: "name it: pot keys rotate --to keystore:<file> (pot keys new makes one)",
    });
  }
  if (oldSource === undefined) {
    throw new UsageError("Cannot rotate the signing key as none is configured", {
      hint: "set POT_KEY_SOURCE to the first one",
    });
  }
  const from = await openKey(oldSource);
  await requireKeyInForce(config.home, from.address, { files, action: "rotate from this key" });
  const to = await openKey(newSource);
  requireOther(from.address, to.address, options);
  const read = { ...(signal && { signal }) };
  await proveSigner(to, { chainId: evm.chainId, ...read });
  const endpoints = openEndpoints(evm);
  const contract = options.isTransferring === true ? await requireConfigured(config) : undefined;
  if (contract !== undefined) {
    const state = await checkContract({ endpoints, contract, ...read });
    const call = planOwnerAction({ kind: "transfer", to: to.address }, state);
    if (call !== undefined && state.owner !== to.address) assertCaller(call, from.address);
  }
  const balance = await endpoints.read("eth_getBalance", [to.address, "latest"], read);
  if (!isSweeping && parseQuantity(balance, "balance") === 0n) {
    if (contract !== undefined) {
      throw new UsageError("Cannot hand the contract over as the new account cannot pay for accepting it", {
        facts: [`account: ${to.address}`, "balance: 0"],
        hint: "send some of the chain's currency to it, or let the old balance follow with --sweep",
      });
    }
    onNotice?.(`${to.address} has none of the chain's currency yet: until it has, it anchors nothing`);
  }
  const foreign = await findForeignAnchor(config, to.address, {
    files,
    anchoredSize: (at) => createContractCalls(endpoints, at).getAnchoredSize(to.address, read),
  });
  if (foreign !== undefined) {
    throw new UsageError("Cannot rotate to the key as its account anchors another log", {
      facts: [`account: ${to.address}`, `contract: ${foreign.contract}`, `anchored size: ${foreign.size}`],
      hint: "one key anchors one log: make another with: pot keys new",
    });
  }
  return {
    from: { address: from.address, source: oldSource },
    to: { address: to.address, source: newSource },
    chainId: evm.chainId,
    ...(contract === undefined ? {} : { contract }),
    isSweeping,
    isAnchoring,
    startedAt: new Date(clock.now()).toISOString(),
    step: "drain",
  };
}

/** @throws {UsageError} where the two are one account, or the new one was retired */
function requireOther(
  from: string,
  to: string,
  { retired, isReinstating }: {
    readonly retired: readonly RetiredKey[];
    readonly isReinstating?: boolean;
  },
): void {
  if (from === to) {
    throw new UsageError("Cannot rotate the signing key as the new one is of the same account", {
      facts: [`account: ${to}`],
      hint: "name another key; to keep the account and move its key, change POT_KEY_SOURCE alone",
    });
  }
  const before = retired.find(({ address }) => address === to);
  if (before === undefined || isReinstating === true) return;
  throw new UsageError("Cannot rotate to the key as it was retired here", {
    facts: [`account: ${to}`, `retired: ${before.retiredAt}`],
    hint: "take another one; if you are sure that nobody else has this one, add --reinstate",
  });
}
