/** Variables beside those of settings that commands look at. */
const OTHERS: readonly string[] = ["NO_COLOR", "PATH", "HOME"];

/**
 * This process's environment: all of it where Deno may read it, else those variables that it may, as in
 * `deno run --allow-env=RPC_URL,CHAIN_ID`. Nothing is asked at the terminal.
 */
export async function processEnvironment(): Promise<Readonly<Record<string, string>>> {
  if (isGranted({ name: "env" })) return Deno.env.toObject();
  const [{ SETTINGS }, { secretVariables }] = await Promise.all([
    import("../lib/runtime/settings.ts"),
    import("../lib/runtime/secret_texts.ts"),
  ]);
  const names = [...Object.values(SETTINGS).flatMap(({ env }) => env), ...secretVariables(), ...OTHERS];
  const found: Record<string, string> = {};
  for (const variable of names) {
    const value = isGranted({ name: "env", variable }) ? Deno.env.get(variable) : undefined;
    if (value !== undefined) found[variable] = value;
  }
  return found;
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
