import { compileContract } from "./compile.ts";
import { formatArtifact } from "./format_artifact.ts";
import { formatStandardJson } from "./format_standard_json.ts";

const compiled = await compileContract();
await Deno.writeTextFile(new URL("artifact.ts", import.meta.url), formatArtifact(compiled));
await Deno.writeTextFile(new URL("standard_json.ts", import.meta.url), await formatStandardJson());
console.log(`contracts/artifact.ts: code hash ${compiled.codeHash}`);
