import assert from "node:assert/strict";

/** A store to kill a writer of. */
export interface KillTarget {
  readonly name: string;
  /** Program that appends for ever and prints each id that resolved, a line each; its arguments follow. */
  readonly writer: URL;
  /** Arguments for one writer; each round starts several. */
  readonly argumentsFor: (writer: number, round: number) => readonly string[];
  /** Ids of everything in the store, after checking that it is whole: nothing twice, and the root is that of the entries. */
  readonly readAll: () => Promise<readonly string[]>;
}

export interface KillRoundsOptions {
  readonly rounds: number;
  /** Writers at once. @default 2 */
  readonly writers?: number;
  /** A number from 0 to 1, for how long each writer lives. @default Math.random */
  readonly random?: () => number;
  /** So long after its first id does a writer live at most. @default 150 */
  readonly longestLifeMs?: number;
}

/**
 * Kills writers with SIGKILL at random moments, on a store that grows from round to round. After each round every id that
 * a writer printed is there, and nothing is there twice. Returns the number of ids that were promised in all.
 */
export async function killRounds(
  { name, writer, argumentsFor, readAll }: KillTarget,
  { rounds, writers = 2, random = Math.random, longestLifeMs = 150 }: KillRoundsOptions,
): Promise<number> {
  const promised = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const printed = await Promise.all(
      Array.from(
        { length: writers },
        (_, i) => lifeOf(writer, { args: argumentsFor(i, round), lifeMs: random() * longestLifeMs }),
      ),
    );
    const resolved = printed.flat();
    assert.ok(resolved.length > 0, `${name}, round ${round}: no append resolved`);
    for (const id of resolved) promised.add(id);

    const found = await readAll();
    const there = new Set(found);
    assert.equal(there.size, found.length, `${name}, round ${round}: an id is there twice`);
    for (const id of promised) {
      assert.ok(there.has(id), `${name}, round ${round}: ${id} had resolved and is gone`);
    }
  }
  return promised.size;
}

/** Starts a writer, kills it, and gives the ids that it printed; a last line without its end does not count. */
async function lifeOf(
  writer: URL,
  { args, lifeMs }: { readonly args: readonly string[]; readonly lifeMs: number },
): Promise<readonly string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", "--config", configPath, writer.pathname, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const decoder = new TextDecoder();
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for await (const bytes of child.stdout) {
      text += decoder.decode(bytes, { stream: true });
      // Killed while it writes, not while it starts.
      timer ??= setTimeout(() => child.kill("SIGKILL"), lifeMs);
    }
    const { signal } = await child.status;
    assert.equal(signal, "SIGKILL", await stderr);
  } finally {
    clearTimeout(timer);
  }
  await stderr;
  return text.split("\n").slice(0, -1);
}

const configPath = new URL("../../deno.json", import.meta.url).pathname;
