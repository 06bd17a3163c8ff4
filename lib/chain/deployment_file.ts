import { join } from "node:path";
import { PotError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";

/** Where a contract was deployed, by whom, and what compiled it. */
export interface Deployment {
  /** EIP-55. */
  readonly contractAddress: `0x${string}`;
  readonly transactionHash: `0x${string}`;
  readonly blockNumber: bigint;
  readonly gasUsed: bigint;
  /** Who paid, EIP-55; need not be the owner. */
  readonly deployer: `0x${string}`;
  /** EIP-155. */
  readonly chainId: number;
  /** keccak256 of the code on the chain. */
  readonly codeHash: `0x${string}`;
  /** Version and settings, as in `proofOfTrainingCompiler`. */
  readonly compiler: Readonly<Record<string, string | number | boolean>>;
  /** Time of the block, RFC 3339 UTC. */
  readonly deployedAt: string;
}

/** Where deployment files are. */
export interface DeploymentFileOptions {
  /** @default the disk */
  readonly files?: FileLayer;
}

/** `deployments/<chainId>.json` in `folder`, the one that holds `pot.jsonc`. */
export function deploymentPath(folder: string, chainId: number): string {
  return join(folder, "deployments", `${chainId}.json`);
}

/**
 * The deployment on that chain, or `undefined` when there is no file.
 *
 * @throws {PotError} when the file is damaged or belongs to another chain, exit code 2.
 */
export async function readDeployment(
  folder: string,
  chainId: number,
  { files = denoFiles }: DeploymentFileOptions = {},
): Promise<Deployment | undefined> {
  const path = deploymentPath(folder, chainId);
  const bytes = await files.read(path);
  if (bytes === undefined) return undefined;
  const problem = (text: string) =>
    new PotError(`Cannot use the deployment file as ${text}`, {
      facts: [`file: ${path}`],
      hint: "restore it, or move it away and set CONTRACT_ADDRESS",
      exitCode: 2,
    });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw problem("it is not JSON");
  }
  if (typeof value !== "object" || value === null) throw problem("it is not a JSON object");
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string, form: RegExp) => {
    const field = fields[name];
    if (typeof field === "string" && form.test(field)) return field;
    throw problem(`its ${name} is missing or malformed`);
  };
  const hex = (name: string, lengthBytes: number) =>
    text(name, new RegExp(`^0x[0-9a-fA-F]{${2 * lengthBytes}}$`)) as `0x${string}`;
  const count = (name: string) => {
    const field = fields[name];
    if (typeof field === "number" && Number.isSafeInteger(field) && field >= 0) return field;
    throw problem(`its ${name} is missing or malformed`);
  };
  if (count("chainId") !== chainId) {
    throw problem(`it is about chain id ${fields["chainId"]}, not ${chainId}`);
  }
  const { compiler } = fields;
  if (typeof compiler !== "object" || compiler === null) {
    throw problem("its compiler is missing or malformed");
  }
  return {
    contractAddress: hex("contractAddress", 20),
    transactionHash: hex("transactionHash", 32),
    blockNumber: BigInt(count("blockNumber")),
    gasUsed: BigInt(count("gasUsed")),
    deployer: hex("deployer", 20),
    chainId,
    codeHash: hex("codeHash", 32),
    compiler: compiler as Deployment["compiler"],
    deployedAt: text("deployedAt", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  };
}

/**
 * Writes the file in one step, creating its folder. An existing one is first copied beside it, under its transaction's
 * hash, so that no deployment is ever forgotten; the answer is that copy's path.
 */
export async function writeDeployment(
  folder: string,
  deployment: Deployment,
  { files = denoFiles }: DeploymentFileOptions = {},
): Promise<string | undefined> {
  const path = deploymentPath(folder, deployment.chainId);
  await files.makeFolder(join(folder, "deployments"));
  const before = await readDeployment(folder, deployment.chainId, { files });
  let copyPath: string | undefined;
  if (before !== undefined) {
    copyPath = path.replace(/json$/, `${before.transactionHash.slice(2, 14)}.json`);
    await writeFileAtomically(files, copyPath, format(before));
  }
  await writeFileAtomically(files, path, format(deployment));
  return copyPath;
}

function format(deployment: Deployment): Uint8Array {
  const text = JSON.stringify(deployment, (_, value) => typeof value === "bigint" ? Number(value) : value, 2);
  return new TextEncoder().encode(`${text}\n`);
}
