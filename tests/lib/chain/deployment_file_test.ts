import assert from "node:assert/strict";
import {
  type Deployment,
  deploymentPath,
  readDeployment,
  writeDeployment,
} from "../../../lib/chain/deployment_file.ts";
import { PotError } from "../../../lib/core/errors.ts";

/** As the first release wrote it. */
const deployment: Deployment = {
  contractAddress: "0x00000000000000000000000000000000000000AA",
  transactionHash: `0x${"ab".repeat(32)}`,
  blockNumber: 12n,
  gasUsed: 849_717n,
  deployer: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
  chainId: 137,
  codeHash: `0x${"cd".repeat(32)}`,
  compiler: { version: "0.8.37", viaIR: true },
  deployedAt: "2026-11-22T16:00:00.000Z",
};

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readDeployment() gives back what writeDeployment() wrote, a chain at a time", async () => {
  await withFolder(async (folder) => {
    assert.equal(await readDeployment(folder, 137), undefined);
    assert.equal(await writeDeployment(folder, deployment), undefined);
    assert.deepEqual(await readDeployment(folder, 137), deployment);
    assert.equal(await readDeployment(folder, 1), undefined);
  });
});

Deno.test("readDeployment() reads every field of this version, and a contract whose deployment nobody here saw", async () => {
  await withFolder(async (folder) => {
    const full: Deployment = {
      ...deployment,
      method: "create2",
      salt: `0x${"01".repeat(32)}`,
      initCodeHash: `0x${"02".repeat(32)}`,
      constructorArguments: `0x${"03".repeat(64)}`,
      initialOwner: deployment.deployer!,
      predecessor: "0x00000000000000000000000000000000000000bb",
      compilerSettingsHash: "04".repeat(32),
    };
    await writeDeployment(folder, full);
    assert.deepEqual(await readDeployment(folder, 137), full);
    const { contractAddress, chainId, codeHash, compiler } = deployment;
    await writeDeployment(folder, { contractAddress, chainId: 1, codeHash, compiler });
    assert.deepEqual(await readDeployment(folder, 1), { contractAddress, chainId: 1, codeHash, compiler });
    // Once more the same: nothing is copied.
    assert.equal(
      await writeDeployment(folder, { contractAddress, chainId: 1, codeHash, compiler }),
      undefined,
    );
    assert.equal(chainId, 137);
  });
});

Deno.test("writeDeployment() keeps every earlier deployment beside the new one", async () => {
  await withFolder(async (folder) => {
    await writeDeployment(folder, deployment);
    const second: Deployment = { ...deployment, transactionHash: `0x${"12".repeat(32)}` };
    const copyPath = await writeDeployment(folder, second);
    await writeDeployment(folder, { ...deployment, transactionHash: `0x${"34".repeat(32)}` });
    const names = [...Deno.readDirSync(`${folder}/deployments`)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["137.121212121212.json", "137.abababababab.json", "137.json"]);
    assert.equal(copyPath, `${folder}/deployments/137.abababababab.json`);
    assert.equal(JSON.parse(await Deno.readTextFile(copyPath)).transactionHash, deployment.transactionHash);
  });
});

Deno.test("readDeployment() names what is wrong with a damaged file", async () => {
  await withFolder(async (folder) => {
    await writeDeployment(folder, deployment);
    const path = deploymentPath(folder, 137);
    const good = JSON.parse(await Deno.readTextFile(path));
    const cases: readonly (readonly [unknown, string])[] = [
      ['{"contractAddress":', "it is not JSON"],
      ["null", "it is not a JSON object"],
      [{ ...good, chainId: 1 }, "it is about chain id 1, not 137"],
      [{ ...good, contractAddress: "0x12" }, "its contractAddress is missing or malformed"],
      [{ ...good, transactionHash: "0x12" }, "its transactionHash is missing or malformed"],
      [{ ...good, codeHash: undefined }, "its codeHash is missing or malformed"],
      [{ ...good, method: "create3" }, "its method is missing or malformed"],
      [{ ...good, salt: "0x12" }, "its salt is missing or malformed"],
      [{ ...good, constructorArguments: "0x12" }, "its constructorArguments is missing or malformed"],
      [{ ...good, predecessor: null }, "its predecessor is missing or malformed"],
      [{ ...good, compilerSettingsHash: "x" }, "its compilerSettingsHash is missing or malformed"],
      [{ ...good, gasUsed: -1 }, "its gasUsed is missing or malformed"],
      [{ ...good, compiler: "solc" }, "its compiler is missing or malformed"],
      [{ ...good, deployedAt: "yesterday" }, "its deployedAt is missing or malformed"],
    ];
    for (const [content, problem] of cases) {
      await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
      await assert.rejects(() => readDeployment(folder, 137), (error) => {
        assert.ok(error instanceof PotError);
        assert.equal(error.message, `Cannot use the deployment file as ${problem}`);
        assert.deepEqual(error.facts, [`file: ${path}`]);
        assert.equal(error.exitCode, 2);
        return true;
      });
    }
  });
});
