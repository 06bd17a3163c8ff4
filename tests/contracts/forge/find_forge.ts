const VERSION = "1.7.1";

const PLATFORMS: Readonly<Record<string, string>> = {
  "linux x86_64": "linux-amd64",
  "linux aarch64": "linux-arm64",
  "darwin x86_64": "darwin-amd64",
  "darwin aarch64": "darwin-arm64",
  "windows x86_64": "win32-amd64",
};

/** Path of a Forge executable: `FORGE_BIN`, else its npm package for this platform, in Deno's cache. */
export async function findForge(): Promise<string> {
  const configured = Deno.env.get("FORGE_BIN");
  if (configured) return configured;
  const platform = PLATFORMS[`${Deno.build.os} ${Deno.build.arch}`];
  if (platform === undefined) throw new Error("no Forge for this platform: set FORGE_BIN");
  const specifier = `npm:@foundry-rs/forge-${platform}@${VERSION}`;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", "--no-config", "--node-modules-dir=none", specifier],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const info: { npmPackages?: Record<string, { localPath?: string }> } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const folder = Object.values(info.npmPackages ?? {})[0]?.localPath;
  if (folder === undefined) throw new Error(`deno info names no folder for ${specifier}`);
  return `${folder}/bin/forge${Deno.build.os === "windows" ? ".exe" : ""}`;
}
