/** Regular expressions: whether an answer has a match, or whether what is matched is the expected answer. */
import { z } from "zod";
import { findMatch } from "../bounded-match.ts";
import { normalizeAnswer } from "../normalize-answer.ts";
import { FieldFault, type TaskItem, textOf, textsOf } from "../task-item.ts";
import { defineScorer } from "./scorer.ts";
import { differences, fieldName } from "./settings.ts";

const settings = z
  .strictObject({
    type: z.literal("regex"),
    pattern: z.string().min(1).optional().describe("JavaScript's syntax, without slashes."),
    patternField: fieldName.optional().describe("Field with each item's own pattern."),
    flags: z
      .string()
      .regex(/^[imsuv]*$/, "expected flags out of i, m, s, u, v")
      .default("u"),
    take: z.enum(["first", "last"]).default("first").describe("Which match counts where there are several."),
    target: fieldName.optional().describe("Field with what has to be matched. Default: any match is right."),
    group: z
      .union([z.number().int().min(0), z.string().min(1)], { error: "expected a group's number or name" })
      .optional()
      .describe(
        "With target: the group that is compared. Default: the first, or the whole where there is none.",
      ),
    ignore: differences.optional().describe("With target, as in exact-match."),
  })
  .superRefine((given, context) => {
    const { pattern, patternField, flags, target, group, ignore } = given;
    const refuse = (message: string, path: string[] = []): void =>
      context.addIssue({ code: "custom", message, path });
    if ((pattern === undefined) === (patternField === undefined))
      refuse("expected either pattern or patternField");
    if (target === undefined && (group ?? ignore) !== undefined)
      refuse("group and ignore have no effect without target");
    if (pattern === undefined) return;
    const compiled = compile(pattern, flags);
    if ("fault" in compiled) refuse(compiled.fault, ["pattern"]);
    else if (group !== undefined && !hasGroup(compiled.pattern, group))
      refuse(`the pattern has no group ${group}`, ["group"]);
  });
type Settings = z.output<typeof settings>;

export const regex = defineScorer({
  settings,
  measure: () => "match",
  ruleFor(item, given) {
    const pattern = patternOf(item, given);
    const { take, target, ignore } = given;
    const group = given.group ?? (hasGroup(pattern, 1) ? 1 : 0);
    const normalized = (text: string): string => normalizeAnswer(text, ignore);
    const right = target === undefined ? undefined : new Set(textsOf(item, target).map(normalized));
    return {
      by: "text",
      score(prediction) {
        const found = findMatch(pattern, prediction, { take });
        if (found === "too slow") {
          return { score: null, reason: "the pattern takes longer than a second on it", tooSlow: true };
        }
        if (found.match === undefined) return { score: 0 };
        const { groups, named } = found.match;
        const read = (typeof group === "number" ? groups[group] : named[group]) ?? "";
        return { score: right === undefined || right.has(normalized(read)) ? 1 : 0, read };
      },
    };
  },
});

function patternOf(item: TaskItem, { pattern, patternField, flags, group }: Settings): RegExp {
  const compiled = compile(pattern ?? textOf(item, patternField!), flags);
  const fault =
    "fault" in compiled
      ? compiled.fault
      : group !== undefined && !hasGroup(compiled.pattern, group) && `the pattern has no group ${group}`;
  if (fault !== false) throw new FieldFault(`the field "${patternField ?? ""}": ${fault}`);
  return (compiled as { pattern: RegExp }).pattern;
}

function compile(source: string, flags: string): { pattern: RegExp } | { fault: string } {
  try {
    return { pattern: new RegExp(source, `${flags}g`) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

/** An alternative that matches nothing shows a pattern's groups without running it. */
function hasGroup({ source, flags }: RegExp, group: number | string): boolean {
  const groups = new RegExp(`|(?:${source})`, flags.replace("g", "")).exec("")!;
  return typeof group === "number" ? group < groups.length : Object.hasOwn(groups.groups ?? {}, group);
}
