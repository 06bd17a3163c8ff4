import type { LogKey } from "../core/log_keys.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { FindingCollector } from "../log/audit_findings.ts";

/** What every part of an audit works with. */
export interface AuditContext {
  readonly files: FileLayer;
  /** The log's name, which every checkpoint must bear. */
  readonly origin: string;
  /** Who may sign for the log, oldest first; `undefined` where nobody knows. */
  readonly keys: readonly LogKey[] | undefined;
  readonly findings: FindingCollector;
  /** It is a copy of an earlier moment: that the contract has more by now is no mismatch. @default false */
  readonly isOlderCopy?: boolean;
  /** What is worth knowing and no mismatch, in words. */
  readonly notes: string[];
  /** What could not be told, as somebody did not answer. */
  readonly unknown: string[];
  readonly signal?: AbortSignal;
}
