import { join } from "node:path";

/** Packages that most installations never need, and what they alone rest on: the first part of their names. */
const OPTIONAL: ReadonlySet<string> = new Set(["@aws-sdk", "@smithy", "@azure", "@slack", "nodemailer"]);

/** A cache of Deno as of a machine that never used any optional package. */
export interface BareCache extends AsyncDisposable {
  /** For the variable DENO_DIR. */
  readonly folder: string;
}

/** Where Deno keeps what it downloaded. */
export async function findDenoCache(): Promise<{ readonly denoDir: string; readonly npmCache: string }> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/**
 * Links, of this machine's cache of npm packages, the files of those that deno.lock names, and none of the optional ones unless asked
 * for.
 */
export async function createBareCache({ hasOptional = false } = {}): Promise<BareCache> {
  const { denoDir, npmCache } = await findDenoCache();
  const lock = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
  const names = new Set(Object.keys(lock.npm).map((id) => id.slice(0, id.indexOf("@", 1))));
  // A link stays on its disk.
  const folder = await Deno.makeTempDir({ dir: denoDir, prefix: "pot-test-" });
  try {
    for (const registry of Deno.readDirSync(npmCache)) {
      const optional = [...Deno.readDirSync(join(npmCache, registry.name))]
        .map(({ name }) => name).filter((name) => hasOptional && OPTIONAL.has(name));
      for (const name of [...names, ...optional]) {
        if (!hasOptional && OPTIONAL.has(name.split("/")[0]!)) continue;
        linkTree(join(npmCache, registry.name, name), join(folder, "npm", registry.name, name));
      }
    }
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

function linkTree(from: string, to: string): void {
  if (!Deno.lstatSync(from).isDirectory) {
    Deno.mkdirSync(join(to, ".."), { recursive: true });
    return Deno.linkSync(from, to);
  }
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) linkTree(join(from, name), join(to, name));
}
