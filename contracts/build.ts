import { compileContract } from "./compile.ts";
import { formatArtifact } from "./format_artifact.ts";

const compiled = await compileContract();
await Deno.writeTextFile(new URL("artifact.ts", import.meta.url), formatArtifact(compiled));
console.log(`contracts/artifact.ts: code hash ${compiled.codeHash}`);
