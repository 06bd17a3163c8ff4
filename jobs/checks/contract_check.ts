import type { ContractCheck } from "../../lib/chain/check_contract.ts";
import type { Check, Seeing } from "./check.ts";

/** What the contract is held against. */
export interface ContractHealthOptions {
  /** Reads what the contract says of itself. */
  readonly inspect: (
    options: { readonly signal: AbortSignal },
  ) => Promise<ContractCheck & { readonly problems: readonly string[] }>;
  /** Who has to own it, EIP-55; `undefined`: nobody in particular. */
  readonly expectedOwner: () => Promise<string | undefined>;
}

const ZERO = /^0x0{40}$/;

/**
 * Looks at the contract: its code and that it answers (`contract-code`), whether it takes writes (`contract-paused`), and whether it
 * still belongs to whom it should (`contract-owner`).
 */
export function contractCheck({ inspect, expectedOwner }: ContractHealthOptions): Check {
  return {
    name: "contract-code",
    async look(options) {
      const found = await inspect(options);
      const details = { contract: found.contract };
      const { problems, recordCount, successor } = found;
      const isRetired = successor !== undefined && !ZERO.test(successor);
      const reads: Seeing = problems.length > 0
        ? { status: "failed", reason: problems.join("; "), details }
        : recordCount === undefined
        ? { status: "failed", reason: "it does not answer a read", details }
        : { status: "ok", reason: "the code of a release, and it answers", details };
      if (!found.hasCode) return [reads];
      const paused: Seeing = {
        check: "contract-paused",
        status: found.isPaused === true ? "failed" : found.isPaused === undefined ? "unknown" : "ok",
        reason: isRetired
          ? "it was retired in favour of another contract"
          : found.isPaused === true
          ? "it is paused: no write goes through"
          : found.isPaused === undefined
          ? "it does not say whether it is paused"
          : "it takes writes",
        details: { ...details, ...(isRetired ? { successor } : {}) },
      };
      return [reads, paused, await ownerOf(found)];
    },
  };

  async function ownerOf({ owner, pendingOwner, contract }: ContractCheck): Promise<Seeing> {
    const check = "contract-owner";
    if (owner === undefined) return { check, status: "unknown", reason: "it does not name its owner" };
    const expected = await expectedOwner();
    const details = {
      contract,
      owner,
      ...(expected === undefined ? {} : { expected }),
      ...(pendingOwner === undefined || ZERO.test(pendingOwner) ? {} : { offeredTo: pendingOwner }),
    };
    if (expected !== undefined && expected.toLowerCase() !== owner.toLowerCase()) {
      return { check, status: "failed", reason: "it belongs to somebody else than it should", details };
    }
    if ("offeredTo" in details) {
      return { check, status: "degraded", reason: "its owner has offered it to another account", details };
    }
    return { check, status: "ok", reason: expected === undefined ? "owned" : "owned as expected", details };
  }
}
