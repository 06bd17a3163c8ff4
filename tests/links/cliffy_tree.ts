import { Command, EnumType } from "@cliffy/command";

/** What the root hands down. */
export type GlobalOptions = { json?: boolean; home?: string };

interface CheckpointOptions extends GlobalOptions {
  run: string;
  step: number;
  rate?: number;
  metric?: string[];
  dataSet?: string;
  format?: "safetensors" | "raw";
  algorithm: string;
  isFinal?: boolean;
  anchor: boolean;
  wait?: boolean | undefined;
}

/** What a run of the tree below did. */
export interface Ran {
  /** The action that ran, what it got as options and as arguments. */
  calls: [name: string, options: unknown, args: unknown[]][];
  /** What was printed on standard output. */
  out: string;
  literal: string[];
  error?: unknown;
}

/** A command whose types are no longer tracked. */
// deno-lint-ignore no-explicit-any -- Cliffy's own way to write "any command"
export type AnyCommand = Command<any>;

/** A tree in the style of the commands of this package. */
export function tree(calls: Ran["calls"]): AnyCommand {
  const checkpoint: AnyCommand = new Command<GlobalOptions>()
    .description("Record a checkpoint.\n\nAll of its files.")
    .type("format", new EnumType(["safetensors", "raw"]))
    .arguments("<paths...:file>")
    .option("-r, --run <id:string>", "The run.", { required: true })
    .option("-s, --step <n:integer>", "The step.", { required: true })
    .option("--rate <n:number>", "The rate.")
    .option("--metric <pair:string>", "A metric.", { collect: true })
    .option("--data-set <file:file>", "The data set.", { conflicts: ["rate"] })
    .option("--format <format:format>", "The format.", { depends: ["data-set"] })
    .option("--algorithm <name:string>", "The algorithm.", { default: "sha256" })
    .option("--is-final <yes:boolean>", "The last one.", { hidden: true })
    .option("-w, --wait", "Wait.")
    .option("--no-anchor", "Do not anchor.")
    .example("One file", "pot record checkpoint --run r --step 1 a.safetensors")
    .action(async (options: CheckpointOptions, ...paths: string[]) => {
      await Promise.resolve();
      calls.push(["checkpoint", options, paths]);
    });
  const validation: AnyCommand = new Command<GlobalOptions>()
    .description("Record a validation.")
    .arguments("<id:string> [count:integer]")
    .action((options: GlobalOptions, id: string, count?: number) => {
      calls.push(["validation", options, count === undefined ? [id] : [id, count]]);
    });
  const record: AnyCommand = new Command<GlobalOptions>()
    .description("Record something.")
    .action(function () {
      this.showHelp();
    })
    .command("checkpoint", checkpoint)
    .alias("cp")
    .command("validation", validation)
    .reset();
  const status: AnyCommand = new Command<GlobalOptions>()
    .description("Show the status.")
    .action((options: GlobalOptions) => void calls.push(["status", options, []]));
  const secret: AnyCommand = new Command<GlobalOptions>()
    .description("Not for everyone.")
    .action(() => {
      throw new TypeError("thrown by the action");
    });
  return new Command()
    .name("pot")
    .version("1.2.3")
    .description("The tool.")
    .throwErrors()
    .noExit()
    .globalOption("--json", "Print JSON.")
    .globalOption("--home <dir:string>", "The folder.")
    .command("record", record)
    .command("status", status)
    .command("secret", secret)
    .hidden()
    .reset();
}
