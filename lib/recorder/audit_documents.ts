import { createHash } from "node:crypto";
import { join } from "node:path";
import type { AuditContext } from "./audit_context.ts";

/** Checks the documents that records name by their digest. */
export interface DocumentAudit {
  /** Notes that the record at `position` names a document. */
  name(digest: string, position: number): void;
  /** Looks whether those that were named since are there. */
  flush(): Promise<void>;
  /** Hashes every document that is kept; answers how many there are. */
  finish(): Promise<number>;
}

/** So many digests that were found are remembered, as records of one folder name the same one. */
const REMEMBERED = 10_000;
const CHUNK_BYTES = 1024 * 1024;

export function createDocumentAudit(
  folder: string,
  { files, findings, signal }: AuditContext,
): DocumentAudit {
  const found = new Set<string>();
  let named = new Map<string, number>();
  return {
    name(digest, position) {
      if (!found.has(digest) && !named.has(digest)) named.set(digest, position);
    },
    async flush() {
      const waiting = named;
      named = new Map();
      for (const [digest, position] of waiting) {
        if (found.size > REMEMBERED) found.clear();
        found.add(digest);
        if (await files.stat(join(folder, `${digest}.json`)) !== undefined) continue;
        findings.add(
          "manifest-missing",
          `manifests/${digest}.json`,
          `the record at leaf ${position} names it`,
        );
      }
    },
    async finish() {
      let count = 0;
      for (const { name, isFile } of await files.list(folder)) {
        if (!isFile || !/^[0-9a-f]{64}\.json$/.test(name)) continue;
        signal?.throwIfAborted();
        count++;
        const digest = await digestOf(join(folder, name));
        if (digest === undefined || name === `${digest}.json`) continue;
        findings.add("manifest-altered", `manifests/${name}`, `its SHA-256 is ${digest}`);
      }
      return count;
    },
  };

  async function digestOf(path: string): Promise<string | undefined> {
    // Gone since it was listed.
    if (await files.stat(path) === undefined) return undefined;
    const file = await files.open(path, { create: false, readOnly: true });
    const hash = createHash("sha256");
    try {
      for (let offset = 0;;) {
        const chunk = await file.readAt(offset, CHUNK_BYTES);
        if (chunk.length === 0) return hash.digest("hex");
        hash.update(chunk);
        offset += chunk.length;
      }
    } finally {
      file.close();
    }
  }
}
