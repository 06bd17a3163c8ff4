import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { type AwsServerOptions, startAwsServer } from "../_fakes/aws_server.ts";
import { createBareCache, findDenoCache } from "../_fakes/deno_cache.ts";
import { createThrowawayCa } from "../_fakes/throwaway_ca.ts";
import { inTemporaryFolder } from "../_fakes/temporary_folder.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
// Anvil's first account: published, worth nothing.
const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const OTHER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const REGION = "eu-central-1";
const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "FwoGZXIvYXdzEBYaDNotASecretOfAnybody==",
};
/** The way the SDK finds credentials, and that it looks for none outside this machine. */
const AWS_ENV = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
  AWS_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: "true",
};

interface PotOptions {
  /** All that the process gets to see beside PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Home and working folder. */
  readonly folder: string;
  /** The only packages that may be resolved, and only from the cache. @default whatever is needed, from anywhere */
  readonly lock?: string;
}

/** `pot …` as a process of its own: the SDKs read the real environment. */
async function pot(args: readonly string[], { env, folder, lock }: PotOptions) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      ...(lock === undefined ? ["--no-lock"] : [`--lock=${lock}`, "--cached-only"]),
      `--config=${ROOT}deno.json`,
      `${ROOT}cli/main.ts`,
      ...args,
    ],
    cwd: folder,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: folder, NO_COLOR: "1", ...env },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  for (const secret of [KEY, CREDENTIALS.secretAccessKey, CREDENTIALS.sessionToken]) {
    assert.ok(!`${out}${err}`.includes(secret), `${out}${err}`);
  }
  return { code, out, err };
}

function serve(options: Partial<AwsServerOptions> = {}) {
  return startAwsServer({
    region: REGION,
    credentials: [CREDENTIALS],
    parameters: { "/pot/blockchain/private-key": { type: "SecureString", value: KEY } },
    keys: [{
      id: "1234abcd-12ab-34cd-56ef-1234567890ab",
      alias: "alias/pot",
      privateKey: `0x${KEY}`,
      s: "high",
    }],
    ...options,
  });
}

Deno.test("pot signs with keys of AWS, found and opened by the official SDK", async (t) => {
  const { denoDir } = await findDenoCache();
  await using aws = serve();
  await inTemporaryFolder(async (folder) => {
    const run = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
      pot(args, { env: { DENO_DIR: denoDir, ...AWS_ENV, ...env }, folder });

    await t.step("shows whose key the parameter holds", async () => {
      const { code, out, err } = await run(
        { POT_KEY_SOURCE: `aws-ssm:?endpoint=${aws.url}` },
        "keys",
        "show",
      );
      assert.deepEqual([code, out, err], [
        0,
        `${ADDRESS}\n  from      AWS parameter /pot/blockchain/private-key\n`,
        "",
      ]);
      assert.deepEqual(aws.asked, ["ssm:GetParameter"]);
    });

    await t.step("refuses another account's key, and names both", async () => {
      const env = { POT_KEY_SOURCE: `aws-kms:alias/pot?endpoint=${aws.url}`, POT_SIGNER_ADDRESS: OTHER };
      const { code, out, err } = await run(env, "keys", "show");
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, /^error: Cannot sign as the key is another account's than the configured one\n/);
      for (const fact of [`configured: ${OTHER}`, `key: ${ADDRESS}`]) assert.ok(err.includes(fact), err);
    });

    await t.step("says that there are no credentials, no region, no such source", async () => {
      const cases: readonly [Readonly<Record<string, string>>, message: string, hint: string][] = [
        [{ AWS_ACCESS_KEY_ID: "" }, "Cannot sign as no AWS credentials are found", "AWS_PROFILE"],
        [{ AWS_REGION: "" }, "Cannot sign as no valid AWS region is configured", "?region="],
        [{ POT_KEY_SOURCE: "aws:" }, "Cannot use the configuration as 1 setting is wrong", "correct each"],
      ];
      for (const [env, message, hint] of cases) {
        const { code, err } = await run(
          { POT_KEY_SOURCE: `aws-ssm:?endpoint=${aws.url}`, ...env },
          "keys",
          "show",
        );
        assert.equal(code, 2, err);
        assert.ok(err.startsWith(`error: ${message}\n`), err);
        assert.ok(err.includes(hint), err);
      }
    });

    await t.step("waits for an answer as long as POT_KEY_TIMEOUT says", async () => {
      await using silent = serve({ faultOf: () => "hang" });
      const env = { POT_KEY_SOURCE: `aws-ssm:?endpoint=${silent.url}`, POT_KEY_TIMEOUT: "1s" };
      const { code, err } = await run(env, "keys", "show");
      assert.equal(code, 4, err);
      assert.match(err, /^error: Cannot sign as the key's holder did not answer in time\n/);
      assert.match(err, /\n {2}waited: 1000 ms\n/);
    });

    await t.step("trusts the authorities of POT_CA_FILE, and nobody else's", async () => {
      const ca = await createThrowawayCa("AWS of this test");
      await using overTls = serve({ certificate: await ca.issue() });
      const env = { POT_KEY_SOURCE: `aws-ssm:?endpoint=${overTls.url}` };
      const refused = await run(env, "keys", "show");

      assert.equal(refused.code, 4, refused.err);
      assert.match(refused.err, /^error: Cannot sign as AWS could not show who it is\n/);
      assert.deepEqual(overTls.asked, []);
      await Deno.writeTextFile(`${folder}/ca.pem`, ca.pem);
      const trusted = await run({ ...env, POT_CA_FILE: `${folder}/ca.pem` }, "keys", "show");
      assert.equal(trusted.code, 0, trusted.err);
      assert.deepEqual(overTls.asked, ["ssm:GetParameter"]);
    });

    await t.step("deploys the contract with a key that only signs", async () => {
      await using devnet = await startDevnet();
      const env = {
        POT_KEY_SOURCE: `aws-kms:alias/pot?endpoint=${aws.url}`,
        POT_SIGNER_ADDRESS: ADDRESS,
        RPC_URL: devnet.rpcUrl,
        CHAIN_ID: "31337",
      };
      const { code, out, err } = await run(env, "contract", "deploy", "--json");
      assert.equal(code, 0, err);
      assert.equal(JSON.parse(out).deployment.deployer, ADDRESS);
      assert.equal(aws.asked.at(-1), "kms:Sign");
    });
  });
});

Deno.test("pot neither loads nor downloads an optional package that it does not use", async () => {
  await using cache = await createBareCache();
  await inTemporaryFolder(async (folder) => {
    const env = { DENO_DIR: cache.folder, PRIVATE_KEY: KEY };
    // As a checkout starts, and without a registry nothing else could be resolved. A copy: nothing may change it.
    const lock = `${folder}/deno.lock`;
    await Deno.copyFile(`${ROOT}deno.lock`, lock);
    assert.doesNotMatch(await Deno.readTextFile(lock), /@aws-sdk|@smithy|@azure|nodemailer/);
    const commands = [
      ["init"],
      ["record", "validation", "--run", "run-1", "--step", "1", "--metric", "loss=1"],
      ["anchor"],
      ["keys", "show"],
    ];
    for (const args of commands) {
      const { code, err } = await pot(args, { env, folder, lock });
      assert.equal(code, 0, `${args.join(" ")}\n${err}`);
    }
    // In that cache, using one does fail, and says so.
    const { code, out, err } = await pot(["keys", "show"], {
      env: { DENO_DIR: cache.folder, POT_KEY_SOURCE: "aws-ssm:" },
      folder,
      lock,
    });
    assert.deepEqual([code, out], [4, ""]);
    assert.match(
      err,
      /^error: Cannot go on as an optional package could not be loaded\n {2}package: npm:@aws-sdk/,
    );
  });
});
