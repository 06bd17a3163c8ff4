/** What an anchor commits to: how many leaves the log has, and the RFC 6962 root over them. */
export interface LogHead {
  /** Number of leaves, at least 1. */
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** A log head together with its C2SP signed note, as text. */
export interface SignedHead extends LogHead {
  /** The checkpoint note, final newline included. */
  readonly note: string;
}
