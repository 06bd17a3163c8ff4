/** Something wrong with one file of a served log. */
export interface ServedLogProblem {
  /** Below the log's prefix, such as `tile/0/x001/067`. */
  readonly path: string;
  /** What is wrong, as a sentence whose subject may be the file. */
  readonly problem: string;
}

/** Something that the specification asks for and clients can do without. */
export interface ServedLogWarning {
  /** One sentence, the same for the same thing. */
  readonly warning: string;
  /** The first file it was seen at. */
  readonly path: string;
  /** Files it was seen at. */
  readonly count: number;
}

/** What was found out about a served log. */
export interface ServedLogReport {
  /** As its checkpoint says; absent where that could not be read. */
  readonly origin?: string;
  /** Number of leaves; absent as `origin`. */
  readonly size?: bigint;
  /** 64 hex; absent as `origin`. */
  readonly root?: string;
  /** Verifier key of the one whose signature was found on the checkpoint. */
  readonly signedBy?: string;
  /** Every entry and every tile was looked at, or, in a sample, all that was meant to be. */
  readonly isComplete: boolean;
  /** Entries that were compared with the tree. */
  readonly entryCount: number;
  /** Files that were read, bundles and the checkpoint included. */
  readonly fileCount: number;
  /** The first hundred. */
  readonly problems: readonly ServedLogProblem[];
  /** How many there are in all. */
  readonly problemCount: number;
  /** What is not as the specification asks, and does no harm. */
  readonly warnings: readonly ServedLogWarning[];
  /** Why it could not be told, where the server stopped answering. */
  readonly unreachable?: string;
}

/** Collects a report. */
export interface ServedLogTally {
  entryCount: number;
  fileCount: number;
  problem(path: string, problem: string): void;
  warn(path: string, warning: string): void;
  report(): Pick<ServedLogReport, "entryCount" | "fileCount" | "problems" | "problemCount" | "warnings">;
}

/** A log of a million damaged tiles must not fill the memory, nor anybody's screen. */
const MAX_PROBLEMS = 100;

export function createServedLogTally(): ServedLogTally {
  const problems = new Map<string, ServedLogProblem>();
  let problemCount = 0;
  const warnings = new Map<string, ServedLogWarning>();
  return {
    entryCount: 0,
    fileCount: 0,
    problem(path, problem) {
      const key = `${path} ${problem}`;
      if (problems.has(key)) return;
      problemCount++;
      if (problems.size < MAX_PROBLEMS) problems.set(key, { path, problem });
    },
    warn(path, warning) {
      const known = warnings.get(warning) ?? { warning, path, count: 0 };
      warnings.set(warning, { ...known, count: known.count + 1 });
    },
    report() {
      return {
        entryCount: this.entryCount,
        fileCount: this.fileCount,
        problems: [...problems.values()],
        problemCount,
        warnings: [...warnings.values()],
      };
    },
  };
}
