import { join } from "node:path";

/** The release that is measured, and what npm has to send for it. */
const PACKAGE = "@ethereum-attestation-service/eas-contracts@1.9.0";
const INTEGRITY =
  "sha512-L60y1fgKlY3a45xxnPlgRbiGQY8RF/lF+AzF1iVoR7/aEzitS0Nuyyjq8+IXs1sSSU0dl2+yGSmELxVeB6FelA==";

/** A compiled contract as Hardhat writes it. */
export interface HardhatArtifact {
  readonly abi: readonly unknown[];
  readonly bytecode: string;
}

/** The Ethereum Attestation Service's own compiled contracts. */
export interface EasPackage {
  readonly name: string;
  readonly eas: HardhatArtifact;
  readonly schemaRegistry: HardhatArtifact;
}

/**
 * Fetches the package with `npm pack`, which takes the one archive and none of its dependencies (Hardhat among them).
 *
 * @throws {Error} when npm fails, or sends other bytes than the release's.
 */
export async function fetchEasPackage(): Promise<EasPackage> {
  const folder = await Deno.makeTempDir();
  try {
    const packed = await run("npm", ["pack", PACKAGE, "--json", "--pack-destination", folder], folder);
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const archive = await Deno.readFile(join(folder, filename));
    const integrity = `sha512-${new Uint8Array(await crypto.subtle.digest("SHA-512", archive)).toBase64()}`;
    if (integrity !== INTEGRITY) throw new Error(`npm sent another ${PACKAGE}: ${integrity}`);
    await run("tar", ["-xzf", filename], folder);
    const read = async (name: string): Promise<HardhatArtifact> => {
      const path = join(folder, "package", "artifacts", "contracts", `${name}.sol`, `${name}.json`);
      return JSON.parse(await Deno.readTextFile(path));
    };
    return { name: PACKAGE, eas: await read("EAS"), schemaRegistry: await read("SchemaRegistry") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd, stdin: "null" })
    .output();
  if (!success) throw new Error(`${command} ${args[0]} failed: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}
