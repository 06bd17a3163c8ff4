import { AUDIT_CODES, type AuditArea, type AuditCode } from "./audit_codes.ts";

/** One mismatch. */
export interface AuditFinding {
  /** Path and line, leaf, size or transaction. */
  readonly where: string;
  /** What is there, and what should be. */
  readonly detail: string;
}

/** All mismatches of one kind. */
export interface AuditFindings {
  readonly code: AuditCode;
  readonly area: AuditArea;
  /** How many there are; only the first few are listed. */
  readonly count: number;
  readonly meaning: string;
  readonly advice: string;
  readonly examples: readonly AuditFinding[];
}

/** Collects mismatches; keeps the first few of each kind, so that a log that is all wrong does not fill the memory. */
export interface FindingCollector {
  add(code: AuditCode, where: string, detail: string): void;
  /** Mismatches so far. */
  readonly count: number;
  /** Mismatches of that kind so far. */
  countOf(code: AuditCode): number;
  /** In the order in which each kind was first met. */
  list(): readonly AuditFindings[];
}

export interface FindingCollectorOptions {
  /** Most that are kept of one kind. @default 20 */
  readonly mostOfAKind?: number;
}

export function createFindingCollector({ mostOfAKind = 20 }: FindingCollectorOptions = {}): FindingCollector {
  const kinds = new Map<AuditCode, { count: number; readonly examples: AuditFinding[] }>();
  let count = 0;
  return {
    add(code, where, detail) {
      const kind = kinds.get(code) ?? { count: 0, examples: [] };
      kinds.set(code, kind);
      kind.count++;
      count++;
      if (kind.examples.length < mostOfAKind) kind.examples.push({ where, detail });
    },
    get count() {
      return count;
    },
    countOf: (code) => kinds.get(code)?.count ?? 0,
    list: () => [...kinds].map(([code, kind]) => ({ code, ...AUDIT_CODES[code], ...kind })),
  };
}
