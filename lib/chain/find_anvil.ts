import { PotError } from "../core/errors.ts";

/** The Anvil release whose npm platform package is used where no other Anvil is found. */
const ANVIL_VERSION = "1.7.1";

/** Where {@linkcode findAnvil} looks; the defaults are this machine's. */
export interface FindAnvilOptions {
  /** Reads an environment variable. @default Deno.env.get */
  readonly env?: (name: string) => string | undefined;
  /** Platform of the npm package. @default Deno.build */
  readonly build?: { readonly os: string; readonly arch: string };
  /** Fetches an npm package into Deno's cache and answers with its folder. @default a `deno info` subprocess */
  readonly fetchPackage?: (specifier: string) => Promise<string>;
}

/**
 * Path of an Anvil executable: `ANVIL_BIN`, then `anvil` on `PATH`, then its npm package for this platform.
 *
 * @throws {PotError} saying what to install, exit code 2.
 */
export async function findAnvil(
  { env = (name) => Deno.env.get(name), build = Deno.build, fetchPackage = fetchNpmPackage }:
    FindAnvilOptions = {},
): Promise<string> {
  const fileName = build.os === "windows" ? "anvil.exe" : "anvil";
  const configured = env("ANVIL_BIN");
  if (configured) {
    if (await isFile(configured)) return configured;
    throw new PotError("Cannot use Anvil as ANVIL_BIN names no file", {
      facts: [`ANVIL_BIN: ${configured}`],
      hint: "set ANVIL_BIN to the anvil executable, or unset it to use the npm package",
      exitCode: 2,
    });
  }
  for (const folder of (env("PATH") ?? "").split(build.os === "windows" ? ";" : ":")) {
    if (folder !== "" && await isFile(`${folder}/${fileName}`)) return `${folder}/${fileName}`;
  }
  const specifier = platformPackage(build);
  let cause: unknown;
  if (specifier !== undefined) {
    try {
      const path = `${await fetchPackage(specifier)}/bin/${fileName}`;
      if (await isFile(path)) return path;
    } catch (error) {
      cause = error;
    }
  }
  throw new PotError("Cannot find Anvil as neither ANVIL_BIN, PATH nor npm has it", {
    facts: [`platform: ${build.os} ${build.arch}`, `npm package: ${specifier ?? "none for this platform"}`],
    hint: "install Foundry (https://getfoundry.sh), or set ANVIL_BIN to an anvil executable",
    exitCode: 2,
    ...(cause === undefined ? {} : { cause }),
  });
}

function platformPackage({ os, arch }: { readonly os: string; readonly arch: string }): string | undefined {
  const platforms: Readonly<Record<string, string>> = {
    "linux x86_64": "linux-amd64",
    "linux aarch64": "linux-arm64",
    "darwin x86_64": "darwin-amd64",
    "darwin aarch64": "darwin-arm64",
    "windows x86_64": "win32-amd64",
  };
  const platform = platforms[`${os} ${arch}`];
  return platform === undefined ? undefined : `npm:@foundry-rs/anvil-${platform}@${ANVIL_VERSION}`;
}

/** `deno x` would run the executable below a second process that leaves it behind, so only its path is asked for. */
async function fetchNpmPackage(specifier: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", "--no-config", "--node-modules-dir=none", specifier],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  const info: { npmPackages?: Record<string, { localPath?: string }> } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const folder = Object.values(info.npmPackages ?? {})[0]?.localPath;
  if (folder === undefined) throw new Error(`deno info names no folder for ${specifier}`);
  return folder;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
