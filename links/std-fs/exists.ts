/** What else has to hold for {@linkcode exists} to say yes. */
export interface ExistsOptions {
  /** It is a folder, or a link to one. @default {false} */
  isDirectory?: boolean;
  /** It is a file, or a link to one. @default {false} */
  isFile?: boolean;
}

/**
 * Tells whether something has that path; a link that leads nowhere counts as nothing.
 *
 * @throws {TypeError} where both a file and a folder are asked for
 */
export async function exists(path: string | URL, options: ExistsOptions = {}): Promise<boolean> {
  const { isDirectory = false, isFile = false } = options;
  if (isDirectory && isFile) throw new TypeError("isDirectory and isFile must not be true together");
  try {
    const info = await Deno.stat(path);
    return (!isDirectory || info.isDirectory) && (!isFile || info.isFile);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // The file system's refusal, not Deno's: something is there.
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}
