import { join } from "node:path";
import { PotError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { DeploymentMethod } from "./deployment_plan.ts";

/** Where a contract was deployed, by whom, and what compiled it. What is optional is unknown where another installation deployed it. */
export interface Deployment {
  /** EIP-55. */
  readonly contractAddress: `0x${string}`;
  /** EIP-155. */
  readonly chainId: number;
  /** keccak256 of the code on the chain. */
  readonly codeHash: `0x${string}`;
  /** `create2`: through the deployment proxy, so that the address is the same on every chain. Absent in files of the first release. */
  readonly method?: DeploymentMethod;
  /** With `create2`: 32 bytes. */
  readonly salt?: `0x${string}`;
  /** keccak256 of creation code and arguments; with `create2`, address and salt follow from it. */
  readonly initCodeHash?: `0x${string}`;
  /** ABI-encoded owner and predecessor, as explorers ask for them. */
  readonly constructorArguments?: `0x${string}`;
  /** Who owned it at first, EIP-55. */
  readonly initialOwner?: `0x${string}`;
  /** The contract that it continues, EIP-55; absent for none. */
  readonly predecessor?: `0x${string}`;
  /** Version and settings, as in `proofOfTrainingCompiler`. */
  readonly compiler: Readonly<Record<string, string | number | boolean>>;
  /** SHA-256 of the compiler's settings as canonical JSON (RFC 8785), without `outputSelection`; 64 hex characters. */
  readonly compilerSettingsHash?: string;
  readonly transactionHash?: `0x${string}`;
  readonly blockNumber?: bigint;
  readonly gasUsed?: bigint;
  /** Who paid, EIP-55; need not be the owner. */
  readonly deployer?: `0x${string}`;
  /** Time of the block, RFC 3339 UTC. */
  readonly deployedAt?: string;
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
  const malformed = (name: string) => problem(`its ${name} is missing or malformed`);
  const optional = (name: string, form: RegExp) => {
    const field = fields[name];
    if (field === undefined) return undefined;
    if (typeof field === "string" && form.test(field)) return field;
    throw malformed(name);
  };
  const text = (name: string, form: RegExp) => {
    const field = optional(name, form);
    if (field === undefined) throw malformed(name);
    return field;
  };
  const count = (name: string) => {
    const field = fields[name];
    if (field === undefined) return undefined;
    if (typeof field === "number" && Number.isSafeInteger(field) && field >= 0) return field;
    throw malformed(name);
  };
  const seenChainId = count("chainId");
  if (seenChainId === undefined) throw malformed("chainId");
  if (seenChainId !== chainId) throw problem(`it is about chain id ${seenChainId}, not ${chainId}`);
  const { compiler } = fields;
  if (typeof compiler !== "object" || compiler === null) throw malformed("compiler");
  const [blockNumber, gasUsed] = [count("blockNumber"), count("gasUsed")];
  return present<Deployment>({
    contractAddress: text("contractAddress", ADDRESS),
    chainId,
    codeHash: text("codeHash", HASH),
    method: optional("method", /^create2?$/),
    salt: optional("salt", HASH),
    initCodeHash: optional("initCodeHash", HASH),
    constructorArguments: optional("constructorArguments", /^0x(?:[0-9a-fA-F]{64})*$/),
    initialOwner: optional("initialOwner", ADDRESS),
    predecessor: optional("predecessor", ADDRESS),
    compiler,
    compilerSettingsHash: optional("compilerSettingsHash", /^[0-9a-f]{64}$/),
    transactionHash: optional("transactionHash", HASH),
    blockNumber: blockNumber === undefined ? undefined : BigInt(blockNumber),
    gasUsed: gasUsed === undefined ? undefined : BigInt(gasUsed),
    deployer: optional("deployer", ADDRESS),
    deployedAt: optional("deployedAt", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
}

/** Without the fields that are undefined; each was checked against the form that its type stands for. */
function present<T>(fields: { readonly [Name in keyof T]: unknown }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const HASH = /^0x[0-9a-fA-F]{64}$/;

/**
 * Writes the file in one step, creating its folder. One of another deployment is first copied beside it, under its
 * transaction's hash, so that none is ever forgotten; the answer is that copy's path.
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
  if (before !== undefined && nameOf(before) !== nameOf(deployment)) {
    copyPath = path.replace(/json$/, `${nameOf(before).slice(2, 14).toLowerCase()}.json`);
    await writeFileAtomically(files, copyPath, format(before));
  }
  await writeFileAtomically(files, path, format(deployment));
  return copyPath;
}

/** What tells one deployment from another. */
function nameOf({ transactionHash, contractAddress }: Deployment): string {
  return transactionHash ?? contractAddress;
}

function format(deployment: Deployment): Uint8Array {
  const text = JSON.stringify(deployment, (_, value) => typeof value === "bigint" ? Number(value) : value, 2);
  return new TextEncoder().encode(`${text}\n`);
}
