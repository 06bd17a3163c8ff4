import type { HealthStatus, Observation } from "../../lib/core/observation.ts";
import { PotError } from "../../lib/core/errors.ts";
import { StateConflictError } from "../../lib/io/state_conflict_error.ts";
import type { StateStore } from "../../lib/io/state_store.ts";

/** What was last seen of one thing, as far as metrics tell it: no words, only numbers. */
export interface LastObservation {
  readonly check: string;
  /** Empty where there is only one. */
  readonly subject: string;
  readonly status: HealthStatus;
  readonly values: Readonly<Record<string, number>>;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** Keeps what was last seen of each thing, in the state store: so it survives a restart, and every replica tells the same. */
export interface LastObservations {
  /** Takes what was seen now. What cannot be written goes along with the next; never rejects. */
  keep(observations: readonly Observation[]): Promise<void>;
  /** By check and subject. */
  read(): Promise<readonly LastObservation[]>;
}

const DOCUMENT = "observations";
const SCHEMA = "pot-observations/1";
/** How jobs do is kept with the jobs. */
const JOB_CHECK = "job";
const DAY_MS = 86_400_000;
/** What a check no longer tells of beside others, such as an endpoint that was taken out. */
const FORGET_SUBJECT_MS = 2 * DAY_MS;
/** What nobody looks at any more; the rarest look is weekly. */
const FORGET_CHECK_MS = 15 * DAY_MS;
const ATTEMPTS = 3;

/** The keeper over a store. */
export function createLastObservations(store: StateStore): LastObservations {
  let unsaved: readonly LastObservation[] = [];
  let last = Promise.resolve();

  async function load() {
    const document = await store.read(DOCUMENT);
    return { version: document?.version, kept: document === undefined ? [] : decode(document.bytes) };
  }

  async function save(): Promise<void> {
    const adding = unsaved;
    if (adding.length === 0) return;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        const { version, kept } = await load();
        await store.write(DOCUMENT, encode(merge(kept, adding)), { version });
        if (unsaved === adding) unsaved = [];
        return;
      } catch (error) {
        // Another process was quicker, so look again; else the next look brings it along, and alerts tell that nothing can be kept.
        if (!(error instanceof StateConflictError)) return;
      }
    }
  }

  return {
    keep(observations) {
      const taken = observations.filter(({ check }) => check !== JOB_CHECK).map(toLast);
      unsaved = merge(unsaved, taken);
      return taken.length === 0 ? Promise.resolve() : last = last.then(save);
    },
    read: async () => merge((await load()).kept, unsaved),
  };
}

function toLast({ check, subject = "", status, values = {}, atMs }: Observation): LastObservation {
  return { check, subject, status, values, atMs };
}

/** The newest of each, without what is forgotten. */
function merge(
  before: readonly LastObservation[],
  more: readonly LastObservation[],
): readonly LastObservation[] {
  const newest = new Map<string, LastObservation>();
  const newestOf = new Map<string, number>();
  let newestMs = -Infinity;
  for (const seen of [...before, ...more]) {
    const key = JSON.stringify([seen.check, seen.subject]);
    if (seen.atMs >= (newest.get(key)?.atMs ?? -Infinity)) newest.set(key, seen);
    newestOf.set(seen.check, Math.max(newestOf.get(seen.check) ?? -Infinity, seen.atMs));
    newestMs = Math.max(newestMs, seen.atMs);
  }
  return [...newest.values()].filter(({ check, atMs }) =>
    atMs >= newestOf.get(check)! - FORGET_SUBJECT_MS && atMs >= newestMs - FORGET_CHECK_MS
  );
}

function encode(observations: readonly LastObservation[]): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ schema: SCHEMA, observations }, null, 1)}\n`);
}

/** The store has seen to it that it is whole. */
function decode(bytes: Uint8Array): readonly LastObservation[] {
  const { schema, observations } = JSON.parse(new TextDecoder().decode(bytes));
  if (schema === SCHEMA) return observations;
  throw new PotError("Cannot read what was last seen as its format is unknown", {
    facts: [`format: ${JSON.stringify(schema)}`, `known: ${SCHEMA}`],
    hint: "update pot on this machine",
    exitCode: 2,
  });
}
