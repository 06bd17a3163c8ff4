/** Writes a line at once: what a killed process had printed is not lost in a buffer. */
export function printLine(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
