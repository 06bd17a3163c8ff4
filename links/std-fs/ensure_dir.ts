/**
 * Makes a folder and those above it where they are missing.
 *
 * @throws {Error} where something other than a folder has that path
 */
export async function ensureDir(dir: string | URL): Promise<void> {
  try {
    // Recursive mkdir accepts a folder that is there already, and a link to one.
    await Deno.mkdir(dir, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new Error(`Cannot make the directory "${dir}" as something else is there`, { cause: error });
  }
}
