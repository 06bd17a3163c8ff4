/** What the rules need to know of a source file. */
export interface ModuleFacts {
  readonly imports: readonly ImportFact[];
  /** Lines that name the global `Deno`. */
  readonly denoLines: readonly number[];
  /** Lines that take `exit` from `Deno`. */
  readonly exitLines: readonly number[];
}

/** One import, re-export, dynamic import or import in a type. */
export interface ImportFact {
  /** `undefined` where it is an expression that only run time knows. */
  readonly specifier: string | undefined;
  /** From 1. */
  readonly line: number;
}

/**
 * Reads a source file by Deno's own parser, so that comments, strings and JSX text cannot fool it. Runs in `deno test`
 * only, as `Deno.lint.runPlugin` does.
 *
 * @throws {SyntaxError} when it is not TypeScript
 */
export function readModule(path: string, source: string): ModuleFacts {
  const imports: ImportFact[] = [];
  const denoLines: number[] = [];
  const exitLines: number[] = [];

  const lineOf = ({ range }: Deno.lint.Node) => source.slice(0, range[0]).split("\n").length;
  const add = (node: Deno.lint.Node, specifier: Deno.lint.Node | null | undefined) => {
    imports.push({ specifier: literalText(specifier), line: lineOf(node) });
  };

  const plugin: Deno.lint.Plugin = {
    name: "architecture",
    rules: {
      facts: {
        create: () => ({
          ImportDeclaration: (node) => add(node, node.source),
          ExportAllDeclaration: (node) => add(node, node.source),
          ExportNamedDeclaration: (node) => {
            if (node.source !== null) add(node, node.source);
          },
          ImportExpression: (node) => add(node, node.source),
          TSImportType: (node) => add(node, node.argument),
          TSExternalModuleReference: (node) => add(node, node.expression),
          Identifier: (node) => {
            if (node.name === "Deno") denoLines.push(lineOf(node));
          },
          MemberExpression: (node) => {
            if (nameOf(node.property) === "exit" && isDeno(node.object)) exitLines.push(lineOf(node));
          },
          VariableDeclarator: (node) => {
            const takesExit = node.id.type === "ObjectPattern" &&
              node.id.properties.some((property) =>
                property.type === "Property" && nameOf(property.key) === "exit"
              );
            if (takesExit && isDeno(node.init)) exitLines.push(lineOf(node));
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, source);
  return { imports, denoLines, exitLines };
}

function literalText(node: Deno.lint.Node | null | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TSLiteralType") return literalText(node.literal);
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.cooked;
  return undefined;
}

/** `Deno`, `globalThis.Deno` or `window["Deno"]`. */
function isDeno(node: Deno.lint.Node | null): boolean {
  return node?.type === "MemberExpression"
    ? nameOf(node.property) === "Deno"
    : node?.type === "Identifier" && node.name === "Deno";
}

function nameOf(node: Deno.lint.Node): string | undefined {
  return node.type === "Identifier" ? node.name : literalText(node);
}
