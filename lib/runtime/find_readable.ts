/** A file that others on this machine can read. */
export interface ReadableFile {
  readonly path: string;
  /** Its permission bits. */
  readonly mode: number;
}

/** Read by its group, or by everybody. */
const OTHERS_READ = 0o044;

/** Which of these files others can read. One that is not there, or may not be looked at, is left out; so are all on Windows, which has no such bits. */
export async function findReadable(paths: readonly string[]): Promise<readonly ReadableFile[]> {
  if (Deno.build.os === "windows") return [];
  const found: ReadableFile[] = [];
  for (const path of new Set(paths)) {
    const mode = await modeOf(path);
    if (mode !== undefined && (mode & OTHERS_READ) !== 0) found.push({ path, mode });
  }
  return found;
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    // Deno would ask at the terminal for what it was not allowed.
    if ((await Deno.permissions.query({ name: "read", path })).state !== "granted") return undefined;
    const { isFile, mode } = await Deno.stat(path);
    return isFile && mode !== null ? mode & 0o777 : undefined;
  } catch {
    // Whoever needs it says what is wrong with it.
    return undefined;
  }
}
