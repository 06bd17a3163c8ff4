import type { Occurrence } from "../core/observation.ts";

/** What a contract says of itself, as far as it is watched. */
export interface WatchedContract {
  readonly contract: string;
  readonly owner?: string | undefined;
  /** Zero for nobody. */
  readonly pendingOwner?: string | undefined;
  readonly isPaused?: boolean | undefined;
  /** Zero for nothing. */
  readonly successor?: string | undefined;
  readonly codeHash?: string | undefined;
}

/** What was seen of it last. */
export interface NotedContract extends WatchedContract {
  /** Since when it is so, as far as is known. */
  readonly sinceMs: number;
}

/** Something that was done to it from here. */
export interface OwnAction {
  /** Such as `contract.pause`. */
  readonly verb: string;
  readonly atMs: number;
}

type Field = Exclude<keyof WatchedContract, "contract">;

/** What each field's change is called, and which verbs of ours explain it. */
const FIELDS: Readonly<
  Record<Field, { readonly name: string; readonly what: string; readonly verbs: readonly string[] }>
> = {
  owner: {
    name: "contract-owner-changed",
    what: "its owner",
    verbs: ["contract.accept", "contract.deploy", "keys.rotate"],
  },
  pendingOwner: {
    name: "contract-offered",
    what: "whom it is offered to",
    verbs: ["contract.transfer", "contract.accept", "keys.rotate"],
  },
  isPaused: {
    name: "contract-pause-changed",
    what: "whether it is paused",
    verbs: ["contract.pause", "contract.unpause", "contract.retire", "contract.migrate"],
  },
  successor: {
    name: "contract-retired",
    what: "its successor",
    verbs: ["contract.retire", "contract.migrate"],
  },
  codeHash: { name: "contract-code-changed", what: "its code", verbs: [] },
};

/** An action of ours explains what the chain shows that long after. */
export const OWN_ACTION_MS = 2 * 3_600_000;

/**
 * Holds a contract against what was noted of it: what changed without an action of ours is told (`contract-owner-changed`,
 * `contract-offered`, `contract-pause-changed`, `contract-retired`, `contract-code-changed`). Another contract, and the first look, are
 * only noted. What it does not say this time counts as unchanged.
 */
export function compareContract(
  noted: NotedContract | undefined,
  found: WatchedContract,
  { actions, nowMs }: { readonly actions: readonly OwnAction[]; readonly nowMs: number },
): { readonly occurrences: readonly Occurrence[]; readonly noted: NotedContract } {
  if (noted === undefined || noted.contract.toLowerCase() !== found.contract.toLowerCase()) {
    return { occurrences: [], noted: { ...found, sinceMs: nowMs } };
  }
  const changed = (Object.keys(FIELDS) as Field[]).filter((field) =>
    found[field] !== undefined && noted[field] !== undefined && found[field] !== noted[field]
  );
  const recent = actions.filter(({ atMs }) => atMs > nowMs - OWN_ACTION_MS).map(({ verb }) => verb);
  const occurrences = changed.filter((field) => !FIELDS[field].verbs.some((verb) => recent.includes(verb)))
    .map((field): Occurrence => ({
      id: `${FIELDS[field].name}:${noted.sinceMs}:${String(found[field])}`,
      name: FIELDS[field].name,
      detail: `the contract changed ${FIELDS[field].what} from ${String(noted[field])} to ${
        String(found[field])
      }, and no command here did that`,
      atMs: nowMs,
    }));
  const said = Object.entries(found).filter(([, value]) => value !== undefined);
  const sinceMs = changed.length === 0 ? noted.sinceMs : nowMs;
  return { occurrences, noted: { ...noted, ...Object.fromEntries(said), sinceMs } };
}
