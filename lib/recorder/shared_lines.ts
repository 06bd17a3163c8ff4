import type { FileLayer } from "../io/file_layer.ts";
import { type JsonLine, type JsonLinesFile, openJsonLinesFile } from "../io/json_lines_file.ts";
import { createTurns } from "../log/take_turns.ts";

/** A JSON lines file that several processes append to, replayed into memory by its owner. */
export interface SharedLines extends Disposable {
  /** Replays what anyone has appended since. */
  catchUp(): Promise<void>;
  /**
   * Under the file's lock, when everything is replayed: appends what `build` answers, unless that is `undefined`; durable when
   * it resolves. Answers whether it appended.
   */
  append(build: () => unknown): Promise<boolean>;
}

export interface SharedLinesOptions {
  readonly files: FileLayer;
  /** Takes one line in; called in file order. */
  readonly apply: (line: JsonLine) => void;
  /** Forgets every line: all of them come again. */
  readonly reset: () => void;
}

/** Shares the file at `path`; `<path>.lock` guards appends. Its folder must exist. */
export function shareLines(path: string, { files, apply, reset }: SharedLinesOptions): SharedLines {
  const turns = createTurns();
  let opened: JsonLinesFile | undefined;

  function close(): void {
    opened?.close();
    opened = undefined;
  }

  /** After a failure nobody knows what the file holds or how far it was replayed: the next call starts afresh. */
  async function orForget<T>(work: (lines: JsonLinesFile) => Promise<T>): Promise<T> {
    try {
      opened ??= await openJsonLinesFile(path, { files });
      return await work(opened);
    } catch (error) {
      close();
      reset();
      throw error;
    }
  }

  async function replay(lines: JsonLinesFile): Promise<void> {
    for (const line of await lines.readNew()) apply(line);
  }

  return {
    catchUp: () => turns.run(() => orForget(replay)),
    append: (build) =>
      turns.run(async () => {
        using _lock = await files.lock(`${path}.lock`);
        return await orForget(async (lines) => {
          await replay(lines);
          const value = build();
          if (value === undefined) return false;
          await lines.append([value]);
          await replay(lines);
          return true;
        });
      }),
    [Symbol.dispose]: close,
  };
}
