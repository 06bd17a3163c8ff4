import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { runCli } from "../../cli/main.ts";
import { startEchoingPostgres } from "./echoing_postgres.ts";
import { startEchoingSmtp } from "./echoing_smtp.ts";
import { type EchoOptions, startEchoServer } from "./echo_server.ts";
import { findPlanted, type Plant, plantSecrets } from "./planted_secrets.ts";
import { inTemporaryFolder } from "./temporary_folder.ts";

/** EIP-155; what the echoing endpoints claim to serve. */
export const ECHO_CHAIN_ID = 31_337;

/** What cannot be left out beside some of the secrets. */
const COMPANIONS = {
  POT_SLACK_CHANNEL: "C0123456789",
  POT_ALERT_EMAIL_FROM: "pot@example.org",
  POT_ALERT_EMAIL_TO: "ops@example.org",
};

/** A working folder in which every setting that holds a secret is planted. */
export interface World extends AsyncDisposable {
  readonly plants: readonly Plant[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** A URL of the server that echoes, with secrets in it that are among the plants. */
  readonly url: string;
  /** Runs each line, and finds no secret in what it says nor in what it writes. */
  run(lines: readonly (readonly string[])[], options?: RunOptions): Promise<readonly Said[]>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTogether?: boolean;
  /** Planted beside the world's own. */
  readonly more?: readonly Plant[];
  /** @default 4 000 */
  readonly patienceMs?: number;
}

export interface Said {
  readonly line: string;
  readonly code: number;
  readonly text: string;
}

/** They go on until they are told to stop. */
const ENDLESS = /^(?:up|demo|chaos|watch)\b/;
async function say(
  args: readonly string[],
  { env, folder, patienceMs = 4_000 }: {
    env: Record<string, string | undefined>;
    folder: string;
    patienceMs?: number;
  },
): Promise<Said> {
  const line = args.join(" ");
  let text = "";
  const add = (more: string) => {
    text += more;
  };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ENDLESS.test(line) ? 300 : patienceMs);
  try {
    const context = {
      env,
      folder,
      out: add,
      err: add,
      isTerminal: false,
      hasColor: false,
      signal: stop.signal,
    };
    return { line, code: await runCli(args, context), text };
  } finally {
    clearTimeout(timer);
  }
}

/** A log with a record, a proof and something to record: made once, copied for each world. */
async function fillHome(folder: string): Promise<void> {
  const env = { POT_CHAIN: "local" };
  await Deno.mkdir(join(folder, "models"));
  for (const name of ["model.bin", "models/step-1.bin"]) await Deno.writeTextFile(join(folder, name), name);
  for (
    const line of [
      "init --local",
      "record checkpoint model.bin --run run-1 --step 1",
      "anchor",
      "prove --run run-1 -o p.pot-proof.json",
    ]
  ) {
    const { code, text } = await say(line.split(" "), { env, folder });
    assert.equal(code, 0, text);
  }
}

async function openWorld(template: string, folder: string, how: EchoOptions["how"]): Promise<World> {
  const echo = startEchoServer({ how, chainId: ECHO_CHAIN_ID });
  const postgres = startEchoingPostgres();
  const smtp = startEchoingSmtp();
  const hosts = { http: echo.host, postgres: postgres.host, smtp: smtp.host };
  await cp(template, folder, { recursive: true });
  const plants = plantSecrets(hosts);
  const flag = plantSecrets(hosts)
    .find(({ variable }) => variable === "RPC_URL")!;
  const all = [...plants, { ...flag, variable: "a URL on the command line" }];
  const env = Object.fromEntries(plants.map(({ variable, value }) => [variable, value]));
  const inputs = new Set<string>();
  return {
    plants: all,
    env,
    folder,
    url: flag.value,
    async run(lines, { env: changed = {}, isTogether = false, more = [], patienceMs } = {}) {
      const given = { ...COMPANIONS, ...env, ...changed };
      const planted = [...all, ...more];
      for (const [name, path] of Object.entries(given)) if (name.endsWith("_FILE") && path) inputs.add(path);
      const options = { env: given, folder, ...(patienceMs === undefined ? {} : { patienceMs }) };
      const said: Said[] = [];
      if (isTogether) said.push(...await Promise.all(lines.map((line) => say(line, options))));
      else for (const line of lines) said.push(await say(line, options));
      for (const { line, text } of said) {
        assert.deepEqual(findPlanted(text, planted), [], `pot ${line} said:\n${text}`);
      }
      for (const [path, text] of await everyFile(folder)) {
        if (inputs.has(path) || path.endsWith("pot.jsonc")) continue;
        assert.deepEqual(findPlanted(text, planted), [], `written to ${path}`);
      }
      return said;
    },
    async [Symbol.asyncDispose]() {
      await echo[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
      await smtp[Symbol.asyncDispose]();
    },
  };
}

async function everyFile(folder: string): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await everyFile(path) as [string, string][]);
    // Bytes as they are: a secret within binary data stays legible.
    else if (isFile) found.push([path, new TextDecoder("latin1").decode(await Deno.readFile(path))]);
  }
  return found;
}

/** Calls the test with a way to open worlds, each with a copy of one home folder that has a record and a proof. */
export function inWorlds(
  test: (open: (name: string, how: EchoOptions["how"]) => Promise<World>) => Promise<void>,
) {
  return inTemporaryFolder(async (folder) => {
    const template = join(folder, "template");
    await Deno.mkdir(template);
    await fillHome(template);
    await test((name, how) => openWorld(template, join(folder, name), how));
  });
}
