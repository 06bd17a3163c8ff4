import { holdEnvironment } from "../_fakes/hold_environment.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { SETTINGS } from "../../lib/runtime/settings.ts";
import { commandLines } from "../_fakes/command_lines.ts";
import { startFaultProxy } from "../_fakes/fault_proxy.ts";
import { ADDRESS, argumentsFor, HASH } from "../_fakes/planted_arguments.ts";
import { findPlanted, plantSecrets, spellings } from "../_fakes/planted_secrets.ts";
import { ECHO_CHAIN_ID, inWorlds, type World } from "../_fakes/planted_world.ts";

/**
 * Their purpose is to show a secret, or to make one at a cost that would be paid here again and again; chaos reads no settings, and
 * as long as it lasts once is enough.
 */
const LEFT_OUT = /^keys (?:new|import)\b|--private-key|^chaos$/;
/** A second each, and on a chain they do the same as without. */
const SLOW = /^log (?:backup|restore)-key|^chaos/;

async function allLines(world: World): Promise<readonly (readonly string[])[]> {
  return (await commandLines(argumentsFor(world.url))).filter((line) => !LEFT_OUT.test(line.join(" ")));
}

/** Settings under which something is asked of each server, in place of what each world plants. */
const LOCAL = { POT_CHAIN: "local", POT_LOG_URL: undefined, POT_NETWORK: "" };
const EVM = {
  POT_CHAIN: "evm",
  POT_LOG_URL: undefined,
  CHAIN_ID: String(ECHO_CHAIN_ID),
  CONTRACT_ADDRESS: ADDRESS,
  POT_PRICE_PATH: "price",
};

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
  const read = Object.entries(env).filter(([name]) => /^(?:AWS|AZURE|VAULT)_/.test(name));
  using _env = holdEnvironment(Object.fromEntries(read));
  await work();
}
