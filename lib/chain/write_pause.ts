import { dirname } from "node:path";
import { PotError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";

/** Why this host sends nothing at the moment. */
export interface PauseNote {
  /** `operator`: a person paused it · `finality-violated`: a final block was replaced, which has to be looked into first. */
  readonly reason: "operator" | "finality-violated";
  /** In words. */
  readonly detail: string;
  /** RFC 3339, UTC. */
  readonly since: string;
}

/** The pause's file in the home folder. */
export const WRITE_PAUSE_FILE = "writes-paused.json";

/** Thrown instead of signing, or broadcasting, while writes are paused on this host. */
export class WritesPausedError extends PotError {
  /** Tells it from other errors. */
  override readonly name: string = "WritesPausedError";
  /** The pause in force. */
  readonly note: PauseNote;

  /** `action` as in "anchor". */
  constructor(action: string, note: PauseNote) {
    super(`Cannot ${action} as writes are paused on this host`, {
      facts: [`reason: ${note.reason}`, `detail: ${note.detail}`, `since: ${note.since}`],
      hint: "records are kept and stay pending; resume with: pot resume",
    });
    this.note = note;
  }
}

/** The pause of one host: a file, so that it survives a restart and holds for every process at once. */
export interface WritePause {
  /** The pause in force, if any. A file that cannot be understood pauses too. */
  read(): Promise<PauseNote | undefined>;
  /** Pauses, durably; an earlier pause keeps its reason and time. */
  pause(note: PauseNote): Promise<void>;
  /** Ends the pause; answers whether there was one. */
  resume(): Promise<boolean>;
}

/** The pause that is the file at `path`. */
export function createWritePause(path: string, files: FileLayer): WritePause {
  async function read(): Promise<PauseNote | undefined> {
    const bytes = await files.read(path);
    return bytes === undefined ? undefined : parseNote(bytes);
  }
  return {
    read,
    async pause(note) {
      if (await read() !== undefined) return;
      await files.makeFolder(dirname(path));
      await writeFileAtomically(files, path, new TextEncoder().encode(`${JSON.stringify(note, null, 2)}\n`));
    },
    async resume() {
      const isPaused = await files.stat(path) !== undefined;
      await files.remove(path);
      await files.syncFolder(dirname(path));
      return isPaused;
    },
  };
}

function parseNote(bytes: Uint8Array): PauseNote {
  try {
    const { reason, detail, since } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<PauseNote>;
    const isKnown = reason === "operator" || reason === "finality-violated";
    if (isKnown && typeof detail === "string" && typeof since === "string") return { reason, detail, since };
  } catch {
    // Told below: somebody put the file there, and that is reason enough.
  }
  return { reason: "operator", detail: "the pause file is there, but cannot be read", since: "unknown" };
}
