import { compileContract } from "./compile.ts";
import { formatArtifact } from "./format_artifact.ts";
import { formatArtifactJson } from "./format_artifact_json.ts";
import { formatStandardJson } from "./format_standard_json.ts";

const compiled = await compileContract();
const write = (name: string, text: string) => Deno.writeTextFile(new URL(name, import.meta.url), text);
await write("artifact.ts", formatArtifact(compiled));
await write("ProofOfTraining.json", formatArtifactJson(compiled));
await write("standard_json.ts", await formatStandardJson());
console.log(`contracts/artifact.ts: code hash ${compiled.codeHash}`);
