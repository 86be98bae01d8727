/** The help texts: of tuna, of a group of commands, and of one command. All come from the declared commands. */
import type { Command } from "./command.ts";
import { commandsOf, groupsOf, type Registry } from "./find-command.ts";
import { expectation, type Flag, flagsOf } from "./flag.ts";
import { COMMON_FLAGS } from "./parse-flags.ts";
import { table, wrap } from "./table.ts";

const WIDTH = 100;

/** `tuna --help`: every command with its summary, by group. */
export async function overviewHelp(registry: Registry, about: { description: string }): Promise<string> {
  const groups = ["", ...groupsOf(registry)].map((group) =>
    commandRows(commandsOf(group, registry), registry),
  );
  const rows = (await Promise.all(groups)).flatMap((group) => [...group, [""]]);
  return [
    about.description,
    "Usage: tuna COMMAND [FLAGS]",
    table(rows).trimEnd(),
    "tuna COMMAND --help shows the flags of a command, tuna --version the version.",
  ].join("\n\n");
}

/** `tuna eval --help`. */
export async function groupHelp(group: string, registry: Registry): Promise<string> {
  const rows = await commandRows(commandsOf(group, registry), registry);
  return `Usage: tuna ${group} COMMAND [FLAGS]\n\n${table(rows)}`;
}

/** `tuna eval rouge --help`. */
export function commandHelp(command: Command): string {
  const flags = flagsOf(command.options, command.positionals);
  const positionals = flags.filter((flag) => flag.positional);
  const named = [...flags.filter((flag) => !flag.positional), ...COMMON_FLAGS];
  const sections = [
    command.summary,
    `Usage: tuna ${usage(command.name, flags)}`,
    section("Arguments", positionals),
    section("Flags", named),
    ["Examples", ...command.examples.map((example) => `  ${example}`)].join("\n"),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

async function commandRows(names: readonly string[], registry: Registry): Promise<string[][]> {
  return await Promise.all(names.map(async (name) => [`  tuna ${name}`, await summaryOf(name, registry)]));
}

/** One broken command (a native library that does not load, say) must not take the help of all others away. */
async function summaryOf(name: string, registry: Registry): Promise<string> {
  try {
    return (await registry[name]!()).command.summary;
  } catch (error) {
    const [reason] = String(error).split("\n");
    return `(does not load here: ${reason})`;
  }
}

/** Required flags in full; the rest is `[FLAGS]`. */
function usage(name: string, flags: readonly Flag[]): string {
  const positionals = flags.filter((flag) => flag.positional);
  const required = flags.filter((flag) => !flag.positional && flag.required);
  return [
    name,
    ...positionals.map((flag) => (flag.required ? flag.name : `[${flag.name}]`)),
    ...required.map((flag) => `${flag.name} ${flag.placeholder}`),
    "[FLAGS]",
  ].join(" ");
}

function section(title: string, flags: readonly Flag[]): string {
  if (flags.length === 0) return "";
  const room = WIDTH - 4 - Math.max(...flags.map((flag) => spelling(flag).length));
  const rows = flags.flatMap((flag) => {
    const lines = wrap(explanation(flag), room);
    return lines.map((line, i) => [i === 0 ? `  ${spelling(flag)}` : "", line]);
  });
  return `${title}\n${table(rows)}`;
}

function spelling(flag: Flag): string {
  if (flag.positional) return flag.name;
  if (flag.type !== "boolean") return `${flag.name} ${flag.placeholder}`;
  return flag.default === true ? flag.name.replace("--", "--[no-]") : flag.name;
}

function explanation(flag: Flag): string {
  const notes: string[] = [];
  if (flag.description !== "") notes.push(flag.description);
  if (flag.range !== "") notes.push(`${expectation(flag).replace("a", "A")}.`);
  if (flag.required && !flag.positional) notes.push("Required.");
  if (flag.default === true) notes.push("On by default.");
  else if (flag.default !== undefined && flag.default !== false) {
    const values = [flag.default].flat().map(valueText).join(" ");
    if (values !== "") notes.push(`Default: ${values}.`);
  }
  return notes.join(" ");
}

/** As one would type it: 1e-5, not 0.00001. */
function valueText(value: unknown): string {
  const isSmall = typeof value === "number" && value !== 0 && Math.abs(value) < 1e-3;
  return isSmall ? value.toExponential() : String(value);
}
