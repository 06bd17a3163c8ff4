/**
 * Which of several processes acts. An implementation MUST:
 * - call `work` in at most one process at a time, as far as the signal that it hands over is obeyed;
 * - abort that signal as soon as it no longer knows that this process is the one;
 * - let another process take over within a minute of this one's death, also where nobody is left to say goodbye.
 */
export interface Leadership {
  /**
   * Stands by until this process is the one, then runs `work`; again after it lost its turn, until `signal` aborts and `work`
   * has come to rest. A rejection of `work` ends it.
   */
  lead(work: (leading: AbortSignal) => Promise<void>, options: LeadOptions): Promise<void>;
}

/** How a turn is waited for. */
export interface LeadOptions {
  readonly signal: AbortSignal;
  /** Told, in a line, when this process begins to stand by or to act, and why it no longer does. */
  readonly onChange: (line: string) => void;
}

/** For one process alone, as on a home folder that is locked: it acts at once, until the end. */
export const soleLeadership: Leadership = {
  async lead(work, { signal }) {
    if (!signal.aborted) await work(signal);
  },
};
