import type { StateStore } from "../lib/io/state_store.ts";
import { decodeJobState, encodeJobState, jobDocument, type JobState } from "./job_state.ts";

/** What is kept of a job, and the version that replacing it names. */
export interface JobRecord {
  readonly state: JobState;
  readonly version: string;
}

/** What is kept of all jobs. */
export interface JobRecords {
  /** `undefined` of a job that this installation has not met. */
  read(name: string): Promise<JobRecord | undefined>;
  /**
   * Writes a job's state in place of the one with that version.
   *
   * @throws {StateConflictError} when another process was there meanwhile
   */
  write(name: string, state: JobState, version: string | undefined): Promise<JobRecord>;
}

/** The records in a state store, a document each. */
export function createJobRecords(store: StateStore): JobRecords {
  return {
    async read(name) {
      const document = await store.read(jobDocument(name));
      return document && { state: decodeJobState(name, document.bytes), version: document.version };
    },
    async write(name, state, version) {
      return { state, version: await store.write(jobDocument(name), encodeJobState(state), { version }) };
    },
  };
}
