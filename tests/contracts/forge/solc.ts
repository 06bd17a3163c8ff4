import solc from "solc";

// What Forge takes for the compiler: standard JSON in, standard JSON out. Run by the script that forge_project.ts writes.
const input = await new Response(Deno.stdin.readable).text();
await new Response(solc.compile(input)).body!.pipeTo(Deno.stdout.writable);
