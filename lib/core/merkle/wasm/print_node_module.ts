/**
 * Prints node_module.ts. Run by `deno task merkle:build`.
 *
 * @module
 */
import { formatNodeModule } from "./format_node_module.ts";

console.log(formatNodeModule().trimEnd());
