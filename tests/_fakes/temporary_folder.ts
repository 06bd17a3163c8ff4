/** Calls the test with an empty folder of its own, by its real path, and removes it afterwards. */
export async function inTemporaryFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pot-test-" }));
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A file of zeros that takes no space on the disk, but time to be read. */
export async function writeSparse(path: string, sizeBytes: number): Promise<string> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  await file.truncate(sizeBytes);
  return path;
}
