import { fromHex, toHex } from "../core/hex.ts";
import { PotError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { readBounded } from "../io/read_bounded.ts";

/**
 * Heads whose anchors were begun and are not in the anchor store yet. Of a transaction that outlives its process the journal knows all
 * but the checkpoint note that belongs into a proof, and a log that has grown since signs no older size. Guarded by
 * whoever anchors: one at a time.
 */
export interface HeadsUnderWay {
  /** Those for that chain and contract, oldest first. */
  list(scope: string): Promise<readonly SignedHead[]>;
  /** Replaces those of that scope; durable when it resolves. */
  set(scope: string, heads: readonly SignedHead[]): Promise<void>;
}

interface Entry extends SignedHead {
  readonly scope: string;
}

const SCHEMA = "pot-anchoring/1";
const MAX_BYTES = 16 * 1024 * 1024;

/** Keeps them in the file at `path`, in a folder that exists. */
export function openHeadsUnderWay(path: string, { files }: { readonly files: FileLayer }): HeadsUnderWay {
  async function read(): Promise<readonly Entry[]> {
    const bytes = await readBounded(files, path, MAX_BYTES);
    return bytes === undefined ? [] : decode(bytes) ?? damaged(path);
  }
  return {
    list: async (scope) => (await read()).filter((entry) => entry.scope === scope).map(toHead),
    async set(scope, heads) {
      const before = await read();
      const after = [
        ...before.filter((entry) => entry.scope !== scope),
        ...heads.map((head) => ({ ...head, scope })),
      ];
      if (after.length === 0 && before.length === 0) return;
      await writeFileAtomically(files, path, encode(after));
    },
  };
}

function toHead({ size, root, note }: Entry): SignedHead {
  return { size, root, note };
}

function encode(entries: readonly Entry[]): Uint8Array {
  const heads = entries.map(({ scope, size, root, note }) => ({
    scope,
    size: String(size),
    root: toHex(root),
    note,
  }));
  return new TextEncoder().encode(`${JSON.stringify({ schema: SCHEMA, heads }, null, 2)}\n`);
}

function decode(bytes: Uint8Array): readonly Entry[] | undefined {
  try {
    const { schema, heads } = JSON.parse(new TextDecoder().decode(bytes));
    if (schema !== SCHEMA || !Array.isArray(heads)) return undefined;
    const entries = heads.map(({ scope, size, root, note }) => {
      const rootBytes = fromHex(root, 32);
      const isEntry = [scope, size, note].every((text) => typeof text === "string") &&
        rootBytes !== undefined &&
        /^[1-9][0-9]{0,18}$/.test(size);
      return isEntry ? { scope, size: BigInt(size), root: rootBytes, note } : undefined;
    });
    return entries.every((entry) => entry !== undefined) ? entries : undefined;
  } catch {
    // Whatever broke it: the caller says which file.
    return undefined;
  }
}

function damaged(path: string): never {
  throw new PotError("Cannot tell which anchors were begun as the list of them is damaged", {
    facts: [`file: ${path}`],
    hint:
      "restore it from a backup, or move it away: only an anchor that was cut off just now is lost to proofs",
  });
}
