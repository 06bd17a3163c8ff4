import { fileURLToPath } from "node:url";
import {
  proofOfTrainingBytecode as creation,
  proofOfTrainingCompiler as compiler,
} from "../../../contracts/artifact.ts";
import { findForge } from "./find_forge.ts";
import { merkleVectors } from "./merkle_vectors.ts";

const ROOT = new URL("../../../", import.meta.url);

/** What one run of Forge ended with. */
export interface ForgeResult {
  readonly success: boolean;
  /** Standard output and, below it, standard error. */
  readonly output: string;
}

/** A copy of the contracts in a temporary folder, with a compiler for Forge. */
export interface ForgeProject extends AsyncDisposable {
  /** The folder. */
  readonly path: string;
  /** Runs `forge <args>` there. */
  forge(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ForgeResult>;
}

/** How much the tests are given. */
export interface ForgeProjectOptions {
  /** Inclusion proofs that the contract and our verifier answer both. @default 300 */
  readonly vectors?: number;
  /** Of those proofs. @default random */
  readonly seed?: number;
}

/** Copies the contracts, since Forge writes beside what it reads. */
export async function openForgeProject(
  { vectors = 300, seed = Math.floor(Math.random() * 2 ** 31) }: ForgeProjectOptions = {},
): Promise<ForgeProject> {
  const forgePath = await findForge();
  const path = await Deno.makeTempDir({ prefix: "pot-forge-" });
  try {
    await copyContracts(path);
    await writeCompiler(`${path}/solc`);
    await Deno.writeTextFile(`${path}/vectors.txt`, merkleVectors(vectors, seed));
    const firstRelease = JSON.parse(
      await Deno.readTextFile(new URL("tests/vectors/first_release.json", ROOT)),
    );
    return {
      path,
      async forge(args, env = {}) {
        const { success, stdout, stderr } = await new Deno.Command(forgePath, {
          args: [...args, "--root", path],
          cwd: path,
          env: {
            NO_COLOR: "1",
            FOUNDRY_SOLC: `${path}/solc`,
            FOUNDRY_OFFLINE: "true",
            FOUNDRY_DISABLE_NIGHTLY_WARNING: "1",
            POT_CREATION: creation,
            POT_FIRST_RELEASE: firstRelease.bytecode,
            POT_MERKLE_VECTORS: `${path}/vectors.txt`,
            ...env,
          },
          stdin: "null",
        }).output();
        const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        return { success, output: `${text(stdout)}\n${text(stderr)}\nvectors of seed ${seed}` };
      },
      async [Symbol.asyncDispose]() {
        await Deno.remove(path, { recursive: true });
      },
    };
  } catch (error) {
    await Deno.remove(path, { recursive: true });
    throw error;
  }
}

async function copyContracts(path: string): Promise<void> {
  const contracts = new URL("contracts/", ROOT);
  await Deno.mkdir(`${path}/test`);
  for (const folder of ["", "test/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, contracts))) {
      if (!/\.sol$|^foundry\.toml$|^\.solhintrc\.yml$/.test(name)) continue;
      await Deno.copyFile(new URL(folder + name, contracts), `${path}/${folder}${name}`);
    }
  }
}

/** Forge wants an executable: this one answers for its version, and hands the rest to the npm package. */
async function writeCompiler(path: string): Promise<void> {
  const run = [
    Deno.execPath(),
    ...["run", "-A", "--frozen"],
    ...["--config", fileURLToPath(new URL("deno.json", ROOT))],
    `--lock=${fileURLToPath(new URL("tests/deno.lock", ROOT))}`,
    fileURLToPath(new URL("solc.ts", import.meta.url)),
  ];
  const quoted = run.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await Deno.writeTextFile(
    path,
    `#!/bin/sh
case "$*" in *--version*) printf 'solc, the solidity compiler commandline interface\\nVersion: ${compiler.version}\\n'; exit;; esac
exec ${quoted}
`,
    { mode: 0o755 },
  );
}
