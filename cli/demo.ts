import { Command } from "@cliffy/command";
import { resolve } from "node:path";
import type { AnyCommand } from "./any_command.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { toJson } from "./output.ts";

interface DemoOptions extends GlobalOptions {
  output: string;
}

/** `pot demo`. */
export function demoCommand(context: CliContext): AnyCommand {
  return new Command<GlobalOptions>()
    .description(
      "Train a small model and keep evidence of it: record, anchor, prove, verify, tamper. Needs nothing.",
    )
    .option("-o, --output <folder:string>", "Where all files go; made by the demo, and only by it.", {
      default: "pot-demo",
    })
    .example("Watch it", "pot demo")
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import("./demo/run_demo.ts");
      const say = options.json === true ? context.err : context.out;
      const result = await runDemo({
        folder: resolve(context.folder, options.output),
        shownFolder: options.output,
        say: (line) => say(`${line}\n`),
        signal: context.signal,
      });
      if (options.json === true) context.out(`${toJson(result)}\n`);
      if (!result.ok) context.exitWith(1);
    });
}
