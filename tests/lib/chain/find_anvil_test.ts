import assert from "node:assert/strict";
import { PotError } from "../../../lib/core/errors.ts";
import { findAnvil } from "../../../lib/chain/find_anvil.ts";

const build = { os: "linux", arch: "x86_64" };
const noPackage = () => Promise.reject(new Error("registry is away"));

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/bin`);
    await Deno.writeTextFile(`${folder}/bin/anvil`, "");
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function env(values: Readonly<Record<string, string>>): (name: string) => string | undefined {
  return (name) => values[name];
}

Deno.test("findAnvil() prefers ANVIL_BIN, then PATH, then the npm package", async () => {
  await withFolder(async (folder) => {
    const anvil = `${folder}/bin/anvil`;
    const path = `/nowhere::${folder}/bin`;
    assert.equal(
      await findAnvil({ env: env({ ANVIL_BIN: anvil, PATH: "/x" }), build, fetchPackage: noPackage }),
      anvil,
    );
    assert.equal(await findAnvil({ env: env({ PATH: path }), build, fetchPackage: noPackage }), anvil);
    const asked: string[] = [];
    const fetchPackage = (specifier: string) => {
      asked.push(specifier);
      return Promise.resolve(folder);
    };
    assert.equal(await findAnvil({ env: env({}), build, fetchPackage }), anvil);
    await findAnvil({ env: env({}), build: { os: "darwin", arch: "aarch64" }, fetchPackage });
    assert.deepEqual(asked, [
      "npm:@foundry-rs/anvil-linux-amd64@1.7.1",
      "npm:@foundry-rs/anvil-darwin-arm64@1.7.1",
    ]);
  });
});

Deno.test("findAnvil() does not look elsewhere when ANVIL_BIN is wrong", async () => {
  await withFolder(async (folder) => {
    const values = { ANVIL_BIN: `${folder}/none`, PATH: `${folder}/bin` };
    await assert.rejects(() => findAnvil({ env: env(values), build, fetchPackage: noPackage }), (error) => {
      assert.ok(error instanceof PotError);
      assert.equal(error.message, "Cannot use Anvil as ANVIL_BIN names no file");
      assert.deepEqual(error.facts, [`ANVIL_BIN: ${folder}/none`]);
      assert.equal(error.exitCode, 2);
      return true;
    });
  });
});

Deno.test("findAnvil() says what to install where nothing serves", async () => {
  const cases = [
    { build, npm: "npm:@foundry-rs/anvil-linux-amd64@1.7.1", platform: "linux x86_64" },
    { build: { os: "freebsd", arch: "x86_64" }, npm: "none for this platform", platform: "freebsd x86_64" },
  ];
  for (const { build, npm, platform } of cases) {
    await assert.rejects(() => findAnvil({ env: env({}), build, fetchPackage: noPackage }), (error) => {
      assert.ok(error instanceof PotError);
      assert.equal(error.message, "Cannot find Anvil as neither ANVIL_BIN, PATH nor npm has it");
      assert.deepEqual(error.facts, [`platform: ${platform}`, `npm package: ${npm}`]);
      assert.equal(
        error.hint,
        "install Foundry (https://getfoundry.sh), or set ANVIL_BIN to an anvil executable",
      );
      assert.equal(error.exitCode, 2);
      return true;
    });
  }
});
