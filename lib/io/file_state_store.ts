import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeFileAtomically } from "./atomic_write.ts";
import { CorruptFileError } from "./corrupt_file_error.ts";
import type { FileLayer } from "./file_layer.ts";
import { StateConflictError } from "./state_conflict_error.ts";
import { checkStateName, type StateDocument, type StateStore } from "./state_store.ts";

const NEWLINE = 0x0a;
/** Kind of file, number of the write, SHA-256 of what follows the line. */
const HEADER = /^pot-state\/1 ([1-9][0-9]{0,15}) ([0-9a-f]{64})$/;
const LONGEST_HEADER = 200;

/**
 * Documents as files of one folder, which the first write makes: `<name>.state`, a line with the number of the write and a
 * digest before the document's bytes. Any number of processes of this machine may write them.
 */
export function openFileStateStore(
  folder: string,
  { files }: { readonly files: FileLayer },
): StateStore {
  const pathOf = (name: string) => join(folder, `${checkStateName(name)}.state`);

  async function read(name: string): Promise<StateDocument | undefined> {
    const path = pathOf(name);
    const content = await files.read(path);
    return content === undefined ? undefined : parseDocument(path, content);
  }

  return {
    async read(name, { signal } = {}) {
      signal?.throwIfAborted();
      return await read(name);
    },
    async write(name, bytes, { version, signal }) {
      const path = pathOf(name);
      await files.makeFolder(folder);
      using _lock = await files.lock(join(folder, `${name}.lock`), signal ? { signal } : {});
      const current = await read(name);
      if (current?.version !== version) throw new StateConflictError(name);
      const next = String(Number(version ?? "0") + 1);
      await writeFileAtomically(files, path, formatDocument(next, bytes));
      return next;
    },
  };
}

function formatDocument(version: string, bytes: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(`pot-state/1 ${version} ${digestOf(bytes)}\n`);
  const content = new Uint8Array(header.length + bytes.length);
  content.set(header);
  content.set(bytes, header.length);
  return content;
}

function parseDocument(path: string, content: Uint8Array): StateDocument {
  const end = content.subarray(0, LONGEST_HEADER).indexOf(NEWLINE);
  const [, version, digest] = HEADER.exec(new TextDecoder().decode(content.subarray(0, Math.max(end, 0)))) ??
    [];
  if (version === undefined) {
    throw new CorruptFileError({ path, where: "line 1", found: "a line that names no version" });
  }
  const bytes = content.slice(end + 1);
  const found = digestOf(bytes);
  if (found !== digest) {
    throw new CorruptFileError({ path, where: "its digest", found: `SHA-256 ${found}` });
  }
  return { bytes, version };
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
