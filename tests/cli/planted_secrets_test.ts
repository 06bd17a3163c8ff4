import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { runCli } from "../../cli/main.ts";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { SETTINGS } from "../../lib/runtime/settings.ts";
import { commandLines } from "../_fakes/command_lines.ts";
import { startEchoingPostgres } from "../_fakes/echoing_postgres.ts";
import { startEchoingSmtp } from "../_fakes/echoing_smtp.ts";
import { type EchoOptions, startEchoServer } from "../_fakes/echo_server.ts";
import { startFaultProxy } from "../_fakes/fault_proxy.ts";
import { findPlanted, type Plant, plantSecrets, spellings } from "../_fakes/planted_secrets.ts";
import { inTemporaryFolder } from "../_fakes/temporary_folder.ts";

const CHAIN_ID = 31_337;
const HASH = "ab".repeat(32);
const ADDRESS = `0x${"12".repeat(20)}`;

/** A working folder in which every setting that holds a secret is planted. */
interface World extends AsyncDisposable {
  readonly plants: readonly Plant[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** A URL of the server that echoes, with secrets in it that are among the plants. */
  readonly url: string;
  /** Runs each line, and finds no secret in what it says nor in what it writes. */
  run(lines: readonly (readonly string[])[], options?: RunOptions): Promise<readonly Said[]>;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTogether?: boolean;
  /** Planted beside the world's own. */
  readonly more?: readonly Plant[];
  /** @default 4 000 */
  readonly patienceMs?: number;
}

interface Said {
  readonly line: string;
  readonly code: number;
  readonly text: string;
}

/** They go on until they are told to stop. */
const ENDLESS = /^(?:up|demo|chaos|watch)\b/;
/**
 * Their purpose is to show a secret, or to make one at a cost that would be paid here again and again; chaos reads no settings, and
 * as long as it lasts once is enough.
 */
const LEFT_OUT = /^keys (?:new|import)\b|--private-key|^chaos$/;
/** A second each, and on a chain they do the same as without. */
const SLOW = /^log (?:backup|restore)-key|^chaos/;

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
  const echo = startEchoServer({ how, chainId: CHAIN_ID });
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

function argumentsFor(url: string) {
  return {
    "init": [["--origin", "a/b"]],
    "record checkpoint": [["model.bin", "--run", "run-2", "--step", "2"], [
      "none.bin",
      "--run",
      "r",
      "--step",
      "1",
    ]],
    "record validation": [["--run", "run-2", "--step", "2", "--metric", "loss=0.5"]],
    "watch": [["models", "--run", "run-3", "--once"]],
    "prove": [["--run", "run-1"], ["--run", "run-2", "-o", "q.pot-proof.json"], [HASH]],
    "upgrade": [["p.pot-proof.json"], ["p.pot-proof.json", "--rpc", url]],
    "export in-toto": [[HASH], [HASH, "-o", "s.json"]],
    "export tlog-proof": [["p.pot-proof.json"]],
    "verify": [
      ["p.pot-proof.json"],
      ["p.pot-proof.json", "--offline", "--json"],
      ["p.pot-proof.json", "--rpc", url],
      ["model.bin"],
    ],
    "log export": [["exported"]],
    "log import": [["none"]],
    "log publish": [["published"]],
    "log serve-check": [[url.split("?")[0]!], ["published"]],
    "log cosign": [[url.split("?")[0]!, "--witness-key", "w+1+2"]],
    "log audit": [[], ["--offline"], ["--rpc", url]],
    "log rebuild": [["--from-contract", "--out", "rebuilt"]],
    "log backup-key": [["-o", "log.age"]],
    "log restore-key": [["log.age"]],
    "chain store": [[HASH], [HASH, "--metadata", "{}"]],
    "chain get": [["1"]],
    "chain verify": [[HASH, "1"]],
    "contract deploy": [["--dry-run"], ["--yes"], ["--yes", "--create", "--json"]],
    "contract check": [[ADDRESS]],
    "contract verify-source": [[ADDRESS], [ADDRESS, "--service", "etherscan"], [
      ADDRESS,
      "--service",
      "sourcify",
    ]],
    "contract transfer": [[ADDRESS]],
    "contract retire": [[ADDRESS]],
    "contract migrate": [[ADDRESS, "--yes"]],
    "contract pause": [["--safe", "safe.json"]],
    "keys show": [["none.json"], ["--unlock"], ["--json"]],
    "keys rotate": [["--to", "env:POT_TOKEN"], ["--to", "env:PRIVATE_KEY"]],
    "tokens new": [["ci", "--role", "viewer"]],
    "tokens revoke": [["ci"]],
    "tx speed-up": [["1"]],
    "tx cancel": [["1"]],
    "network test": [[], ["polygon"]],
    "test": [["--blockchain"]],
    "jobs run": [["anchor"], ["confirm"], ["health"], ["cost"], ["transactions"], ["audit"], ["digest"], [
      "watchdog",
    ]],
    "alerts test": ["slack", "pagerduty", "email", "webhook"].map((
      name,
    ) => ["--channel", name, "--severity", "critical"]),
    "alerts silence": [["everything", "--for", "1h"]],
    "chaos": [["--submissions", "1"]],
    "up": [["--port", "0"]],
    "demo": [["-o", "demo"]],
  };
}

async function allLines(world: World): Promise<readonly (readonly string[])[]> {
  return (await commandLines(argumentsFor(world.url))).filter((line) => !LEFT_OUT.test(line.join(" ")));
}

/** What cannot be left out beside some of the secrets. */
const COMPANIONS = {
  POT_SLACK_CHANNEL: "C0123456789",
  POT_ALERT_EMAIL_FROM: "pot@example.org",
  POT_ALERT_EMAIL_TO: "ops@example.org",
};

/** Settings under which something is asked of each server, in place of what each world plants. */
const LOCAL = { POT_CHAIN: "local", POT_LOG_URL: undefined, POT_NETWORK: "" };
const EVM = {
  POT_CHAIN: "evm",
  POT_LOG_URL: undefined,
  CHAIN_ID: String(CHAIN_ID),
  CONTRACT_ADDRESS: ADDRESS,
  POT_PRICE_PATH: "price",
};

function inWorlds(test: (open: (name: string, how: EchoOptions["how"]) => Promise<World>) => Promise<void>) {
  return inTemporaryFolder(async (folder) => {
    const template = join(folder, "template");
    await Deno.mkdir(template);
    await fillHome(template);
    await test((name, how) => openWorld(template, join(folder, name), how));
  });
}

Deno.test("findPlanted() finds a secret in every spelling", () => {
  const plants = plantSecrets({ http: "127.0.0.1:1", postgres: "127.0.0.1:2", smtp: "127.0.0.1:3" });
  assert.ok(plants.length > 20);
  for (const plant of plants) {
    for (const secret of plant.secrets) {
      for (const [name, spelling] of Object.entries(spellings(secret))) {
        assert.ok(
          findPlanted(`a ${spelling.toUpperCase()} b`, plants).length > 0,
          `${plant.variable} ${name}`,
        );
      }
    }
  }
  assert.deepEqual(findPlanted("nothing of it", plants), []);
});

Deno.test("pot never shows nor writes a planted secret, whatever command runs and whatever fails", async (t) => {
  await inWorlds(async (open) => {
    await t.step("every command on the local ledger", async () => {
      await using world = await open("local", "error");
      const said = await world.run(await allLines(world), { env: LOCAL });
      assert.ok(
        said.filter(({ code }) => code === 0).length > 20,
        said.map(({ line, code }) => `${code} ${line}`).join("\n"),
      );
    });

    await t.step("every command, where each server refuses and echoes all that it was sent", async () => {
      await using world = await open("evm", "error");
      const lines = (await allLines(world)).filter((line) => !SLOW.test(line.join(" ")));
      const said = await world.run(lines, { env: EVM });
      assert.ok(
        said.filter(({ text }) => text.includes("denied: ")).length > 8,
        said.map(({ text }) => text).join("\n"),
      );
    });

    const asking = (url: string) => {
      const all = argumentsFor(url);
      return [
        ["anchor"],
        ["chain", "get", "1"],
        ["contract", "check"],
        ["contract", "deploy", "--yes"],
        ["network", "test"],
        ["test", "--blockchain"],
        ["tx", "list"],
        ...[
          "log serve-check",
          "log cosign",
          "contract verify-source",
          "verify",
          "log audit",
          "jobs run",
          "alerts test",
        ]
          .flatMap((path) => all[path as keyof typeof all].map((args) => [...path.split(" "), ...args])),
      ];
    };
    for (const how of ["failure", "redirect"] as const) {
      await t.step(`what asks others, where they answer with a ${how}`, async () => {
        await using world = await open(how, how);
        await world.run(asking(world.url), { env: EVM, isTogether: true, patienceMs: 1_500 });
      });
    }

    await t.step("a database that refuses and quotes the password", async () => {
      await using world = await open("postgres", "error");
      const said = await world.run(
        [["log", "audit"], ["status"], ["up", "--port", "0"], ["runs", "--json"]],
        {
          env: { POT_CHAIN: "local" },
        },
      );
      assert.match(said[1]!.text, /PostgreSQL refuses us/);
    });

    await t.step("keys from every kind of place", async () => {
      await using world = await open("keys", "error");
      const { host } = new URL(world.url);
      const aws = {
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
        AWS_EC2_METADATA_DISABLED: "true",
      };
      const azure = {
        AZURE_TENANT_ID: "00000000-0000-0000-0000-000000000001",
        AZURE_CLIENT_ID: "00000000-0000-0000-0000-000000000002",
        AZURE_AUTHORITY_HOST: `http://${host}`,
      };
      const passphraseFile = join(world.folder, "passphrase.txt");
      await Deno.writeTextFile(passphraseFile, `${world.env["POT_KEY_PASSPHRASE"]}\n`);
      await Deno.writeTextFile(join(world.folder, "broken.json"), `{"crypto": "${"00".repeat(9)}"`);
      // The SDKs read the process's own environment.
      await withProcessEnv({ ...world.env, ...aws, ...azure }, async () => {
        for (
          const source of [
            `vault:http://${host}`,
            `signer:http://${host}`,
            `aws-ssm:?region=eu-west-1&endpoint=http://${host}`,
            `aws-kms:alias/pot?region=eu-west-1&endpoint=http://${host}`,
            `azure-secret:http://${host}`,
            `azure-key:http://${host}/pot`,
            "keystore:broken.json",
            "keystore:none.json",
            "env:POT_TOKEN",
          ]
        ) {
          const env = {
            ...EVM,
            ...aws,
            ...azure,
            PRIVATE_KEY: undefined,
            POT_KEY_SOURCE: source,
            POT_KEY_TIMEOUT: "2s",
          };
          const said = await world.run([["keys", "show", "--unlock"], ["chain", "store", HASH]], {
            env: { ...env, POT_KEYSTORE_PASSPHRASE: undefined, POT_KEYSTORE_PASSPHRASE_FILE: passphraseFile },
          });
          assert.notEqual(said[0]!.code, 0, `${source}\n${said[0]!.text}`);
        }
      });
    });

    await t.step("settings that are wrong, in the environment and in pot.jsonc", async () => {
      await using world = await open("wrong", "error");
      const wrong = Object.fromEntries(
        world.plants.map(({ variable, value }) => [variable, `\0 not ${value} so`]),
      );
      const lines = [["status"], ["anchor", "--json"], ["keys", "show"]];
      const said = await world.run(lines, { env: wrong });
      assert.match(said[0]!.text, /settings are wrong/);
      const config = join(world.folder, "pot.jsonc");
      const values = world.plants.flatMap((
        { variable, value },
      ) => [[variable, value], [variable.toLowerCase(), value]]);
      const unset = Object.fromEntries(world.plants.map(({ variable }) => [variable, undefined]));
      const names = [
        "privateKey",
        "rpcUrls",
        "logUrl",
        "etherscanKey",
        "etherscanUrl",
        "sourcifyUrl",
        "vaultToken",
        "token",
      ];
      for (
        const text of [
          JSON.stringify(Object.fromEntries(values)),
          JSON.stringify(Object.fromEntries(names.map((name, at) => [name, world.plants[at]!.value]))),
          `{ "rpcUrls": "${world.url}" "chain": }`,
          `{ "rpcUrls": ["${world.url}", "ftp://x/${new URL(world.url).pathname}"] }`,
          `{ "keystorePassphrase": ${JSON.stringify(world.plants[3]!.value)}, `,
        ]
      ) {
        await Deno.writeTextFile(config, text);
        for (const { code } of await world.run(lines, { env: unset })) assert.equal(code, 2);
      }
    });

    await t.step("secrets in files", async () => {
      await using world = await open("files", "error");
      const env: Record<string, string | undefined> = { ...EVM };
      const twins = Object.values(SETTINGS).flatMap(({ env: [variable] }) =>
        variable!.endsWith("_FILE") ? [variable!] : []
      );
      for (const twin of twins) {
        const variable = twin.slice(0, -"_FILE".length);
        if (world.env[variable] === undefined) continue;
        env[twin] = join(world.folder, `${twin}.txt`);
        await Deno.writeTextFile(env[twin], `${world.env[variable]}\n`, { mode: 0o600 });
        env[variable] = undefined;
      }
      assert.ok(twins.length > 5);
      const all = argumentsFor(world.url);
      await world.run([["status"], ...all["alerts test"].map((args) => ["alerts", "test", ...args])], {
        env,
      });
    });

    await t.step("a chain that works, and then quotes the key", async () => {
      await using world = await open("chain", "error");
      await using devnet = await startDevnet();
      const key = devnet.accounts[0]!.privateKey.slice(2);
      const path = `Pl4nt${crypto.randomUUID()}`;
      await using proxy = startFaultProxy(devnet.rpcUrl, { path: `/v2/${path}` });
      const more = [
        { variable: "PRIVATE_KEY", value: key, secrets: [key] },
        { variable: "RPC_URL", value: proxy.url, secrets: [path] },
      ];
      const env = {
        ...EVM,
        POT_NETWORK: "anvil",
        CHAIN_ID: String(devnet.chainId),
        CONTRACT_ADDRESS: undefined,
        PRIVATE_KEY: `0x${key}`,
        RPC_URL: proxy.url,
        POT_RPC_URLS: undefined,
      };
      const run = (...lines: readonly string[]) =>
        world.run(lines.map((line) => line.split(" ")), { env, more });
      const worked = await run(
        "contract deploy --yes",
        "record checkpoint model.bin --run run-4 --step 4",
        "anchor",
        `chain store ${HASH}`,
        "chain get 1",
        "tx list",
        "status --json",
        "contract check",
        "prove --run run-4 -o r.pot-proof.json",
        "test --blockchain",
        "log audit",
      );
      for (const { line, code, text } of worked) assert.ok(code === 0 || code === 3, `${line}: ${text}`);
      proxy.fault = ({ method }) =>
        method === "eth_sendRawTransaction" || method === "eth_getCode" || method === "eth_call"
          ? {
            kind: "rpc-error",
            error: { code: -32000, message: `no: ${key} 0x${key.toUpperCase()} ${proxy.url}` },
          }
          : undefined;
      const failed = await run(
        "record checkpoint model.bin --run run-4 --step 5",
        "anchor",
        `chain store ${HASH}`,
        "tx list",
        "chain get 1",
      );
      assert.match(failed[1]!.text, /no: \[secret\]/);
    });

    await t.step("an access token that is none", async () => {
      await using world = await open("access", "error");
      const gated = { ...LOCAL, POT_ACCESS: "tokens" };
      const said = await world.run([["anchor"], ["pause"], ["status"], ["tokens", "list"]], { env: gated });
      assert.notEqual(said[0]!.code, 0);
    });
  });
});

async function withProcessEnv(
  env: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(env).map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const [name, value] of Object.entries(env)) {
      if (/^(?:AWS|AZURE|VAULT)_/.test(name)) Deno.env.set(name, value);
    }
    await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
