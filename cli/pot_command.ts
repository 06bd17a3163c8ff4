import { Command } from "@cliffy/command";
import config from "../deno.json" with { type: "json" };
import { anchorCommand } from "./anchor.ts";
import type { AnyCommand } from "./any_command.ts";
import { chainCommand } from "./chain.ts";
import type { CliContext } from "./cli_context.ts";
import { contractCommand } from "./contract.ts";
import { demoCommand } from "./demo.ts";
import { initCommand } from "./init.ts";
import { proveCommand } from "./prove.ts";
import { recordCommand } from "./record.ts";
import { runsCommand } from "./runs.ts";
import { statusCommand } from "./status.ts";
import { testCommand } from "./test.ts";
import { upCommand } from "./up.ts";
import { verifyCommand } from "./verify.ts";

/** The whole command tree. Commands keep state while they parse, so each parse needs a new one. */
export function potCommand(context: CliContext): AnyCommand {
  return new Command()
    .name("pot")
    .version(config.version)
    .description("Tamper-evident evidence of how a machine-learning model was trained.")
    .throwErrors()
    .noExit()
    .globalOption("--json", "Print one JSON document on standard output.")
    .globalOption(
      "--config <file:string>",
      "Use this configuration file. [default: the nearest pot.jsonc upward]",
    )
    .globalOption("--home <folder:string>", "Keep state here. [default: .pot beside pot.jsonc]")
    .example("Start", "pot init")
    .example("Record, anchor, prove", "pot record checkpoint model.safetensors --run run-1 --step 500")
    .action(function () {
      this.showHelp();
    })
    .command("init", initCommand(context))
    .command("record", recordCommand(context))
    .command("anchor", anchorCommand(context))
    .command("prove", proveCommand(context))
    .command("verify", verifyCommand(context))
    .command("status", statusCommand(context))
    .command("runs", runsCommand(context))
    .command("chain", chainCommand(context))
    .command("contract", contractCommand(context))
    .command("test", testCommand(context))
    .command("up", upCommand(context))
    .command("demo", demoCommand(context))
    .reset();
}
