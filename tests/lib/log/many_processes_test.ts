import { assertManyProcesses } from "./many_processes.ts";

Deno.test("append() from ten processes loses and duplicates nothing, checkpoints between", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assertManyProcesses(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
