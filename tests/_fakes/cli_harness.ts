import { createHash } from "node:crypto";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { runCli } from "../../cli/main.ts";

/** What one command line did. */
export interface CliOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as the one JSON document it must be. */
  // deno-lint-ignore no-explicit-any -- tests pick what they expect
  readonly json: any;
}

export interface CliHarness extends AsyncDisposable {
  /** The working folder, empty at first. */
  readonly folder: string;
  path(...names: readonly string[]): string;
  /** Runs `pot …args` in this process; the standard environment is the harness's. */
  run(...args: readonly string[]): Promise<CliOutcome>;
  /** The same with more environment. */
  runWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CliOutcome>;
  write(name: string, content: string | Uint8Array): Promise<string>;
  /**
   * Every path below the folder with its kind, mode and digest: equal listings mean that nothing was written, but for the audit
   * trail, which also tells of what was tried in vain.
   */
  listing(): Promise<string>;
}

export interface CliHarnessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
  /** Answers what is asked at the terminal. @default nobody can be asked */
  readonly askSecret?: (question: string) => Promise<string | undefined>;
}

/** A temporary folder with the command line over it: no process, no terminal, no environment but the given one. */
export async function createCli(
  { env = {}, isTerminal = false, signal = new AbortController().signal, askSecret }: CliHarnessOptions = {},
): Promise<CliHarness> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pot-cli-test-" }));

  async function runWith(
    more: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<CliOutcome> {
    let out = "";
    let err = "";
    // Help and version are printed by the command library itself, the real one in colours.
    const { log } = console;
    console.log = (text: string) => out += `${stripVTControlCharacters(text)}\n`;
    try {
      const code = await runCli(args, {
        env: { ...env, ...more },
        folder,
        out: (text) => out += text,
        err: (text) => err += text,
        isTerminal,
        hasColor: false,
        signal,
        ...(askSecret && { askSecret }),
      });
      return {
        code,
        out,
        err,
        get json() {
          return JSON.parse(out);
        },
      };
    } finally {
      console.log = log;
    }
  }

  return {
    folder,
    path: (...names) => join(folder, ...names),
    run: (...args) => runWith({}, ...args),
    runWith,
    async write(name, content) {
      const path = join(folder, name);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
      return path;
    },
    listing: () => list(folder),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const AUDIT_TRAIL = /^access(?:\.jsonl(?:\.lock)?|-head\.json)$/;

async function list(folder: string): Promise<string> {
  const lines: string[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const { name } of await Array.fromAsync(Deno.readDir(at))) {
      if (AUDIT_TRAIL.test(name)) continue;
      const path = join(at, name);
      const { isFile, isDirectory, mode } = await Deno.lstat(path);
      if (isDirectory) folders.push(path);
      const digest = isFile ? createHash("sha256").update(await Deno.readFile(path)).digest("hex") : "";
      lines.push(`${path} ${isDirectory ? "folder" : isFile ? "file" : "other"} ${mode} ${digest}`);
    }
  }
  return lines.sort().join("\n");
}
