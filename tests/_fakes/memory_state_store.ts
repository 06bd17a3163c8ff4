import { StateConflictError } from "../../lib/io/state_conflict_error.ts";
import type { StateDocument, StateStore } from "../../lib/io/state_store.ts";

/** Documents in memory, which any number of runners may share as replicas share a database. */
export interface MemoryStateStore extends StateStore {
  /** While set, every call rejects with it. */
  failure: Error | undefined;
}

export function createMemoryStateStore(): MemoryStateStore {
  const documents = new Map<string, StateDocument>();
  return {
    failure: undefined,
    // deno-lint-ignore require-await
    async read(name) {
      if (this.failure) throw this.failure;
      return documents.get(name);
    },
    // deno-lint-ignore require-await
    async write(name, bytes, { version }) {
      if (this.failure) throw this.failure;
      if (documents.get(name)?.version !== version) throw new StateConflictError(name);
      const next = String(Number(version ?? "0") + 1);
      documents.set(name, { bytes: bytes.slice(), version: next });
      return next;
    },
  };
}
