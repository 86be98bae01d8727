/** The judge's reply as one JSON object: its schema, how the prompt asks for it, and how it is read. */
import { z } from "zod";
import { unexplainedOmissions } from "./judged-omissions.ts";
import { type Judgement, type UnreadableJudgement, checkedJudgement } from "./judgement.ts";

const label = z.number().int().nonnegative();
const part = z.number().min(0).max(5);

const reply = z.strictObject({
  kind: z.enum(["open-ended", "close-ended"]).describe("What the instruction requires."),
  reference: z.string().describe("Your own response."),
  duplicates: z
    .array(z.strictObject({ response: label, of: label }))
    .describe("Responses left out of the rank, each with the one kept."),
  scores: z
    .array(z.strictObject({ response: label, parts: z.tuple([part, part, part]), overall: z.number() }))
    .describe(
      "For each response kept, and your own: the three individual scores in the order named above, and their sum.",
    ),
  rank: z
    .array(label)
    .describe("Numbers of the responses kept, and of your own, in decreasing order of their overall scores."),
});
type Reply = z.output<typeof reply>;
/** 3.3 + 3.3 + 3.3 is not 9.9 in binary. */
const ROUNDING = 1e-6;

/** The last lines of the prompt. */
export function structuredReplyFormat(numResponses: number): string {
  return (
    `Your own response is Response ${numResponses}. Reply with one JSON object of this JSON Schema and nothing else:\n` +
    `${JSON.stringify(judgementSchema())}\n`
  );
}

/** For servers that hold a model to a schema. */
export function judgementSchema(): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(reply);
  return schema;
}

/**
 * The one object of the schema in the reply, whatever stands around it. An object that also stands in a response is not
 * the judge's; two that differ are no verdict.
 */
export function parseStructuredJudgement(
  text: string,
  responses: readonly string[],
): Judgement | UnreadableJudgement {
  if (responses.some((response) => numStarts(response) > MOST_STARTS)) {
    return unreadable("a response holds too many beginnings of JSON objects to tell them from the judge's");
  }
  const repeated = new Set(responses.flatMap(objectsIn).map((object) => JSON.stringify(object)));
  const objects = objectsIn(text);
  const own = objects.filter((object) => !repeated.has(JSON.stringify(object)));
  const distinct = new Map(own.map((object) => [JSON.stringify(object), object]));
  const [object] = distinct.values();
  if (object === undefined) return unreadable("no JSON object with the key rank found");
  if (distinct.size > 1) return unreadable(`${distinct.size} different JSON objects with the key rank found`);
  const parsed = reply.safeParse(object);
  if (parsed.success) return judgementOf(parsed.data, responses.length);
  const issue = parsed.error.issues[0]!;
  return unreadable(`the JSON object does not fit the schema: ${issue.path.join(".")}: ${issue.message}`);
}

function judgementOf({ kind, reference, duplicates, scores, rank }: Reply, numResponses: number) {
  const miscounted = scores.find(
    ({ parts, overall }) => Math.abs(parts[0] + parts[1] + parts[2] - overall) > ROUNDING,
  );
  if (miscounted !== undefined) {
    return unreadable(`the overall score of Response ${miscounted.response} is not the sum of its parts`);
  }
  const twice = scores.find(
    (score, i) => scores.findIndex(({ response }) => response === score.response) < i,
  );
  if (twice !== undefined) return unreadable(`Response ${twice.response} is scored twice`);
  const judgement = checkedJudgement(
    {
      ok: true,
      ranking: rank,
      scores: new Map(scores.map(({ response, overall }) => [response, overall])),
      reference: reference.trim() || undefined,
      kind: kind === "open-ended" ? "open" : "closed",
    },
    numResponses,
  );
  if (!judgement.ok) return judgement;
  const remarks = duplicates.map(
    (twin) => `Response ${twin.response} is a duplicate of Response ${twin.of}.`,
  );
  const missing = unexplainedOmissions(judgement, { text: remarks.join("\n"), numResponses });
  if (missing.length === 0) return judgement;
  return unreadable(`the rank leaves out Response ${missing.join(", ")}, and duplicates does not name it`);
}

const START = /\{\s{0,50}"(?:kind|reference|duplicates|scores|rank)"\s{0,50}:/g;
/** Each costs a search for its end. */
const MOST_STARTS = 200;

function numStarts(text: string): number {
  return [...text.matchAll(START)].length;
}

/** JSON objects with the key `rank`, outermost ones only. */
function objectsIn(text: string): object[] {
  const objects: object[] = [];
  let end = 0;
  for (const { index } of [...text.matchAll(START)].slice(0, MOST_STARTS)) {
    if (index < end) continue;
    const length = lengthOfObject(text.slice(index));
    const object = length === undefined ? undefined : parseObject(text.slice(index, index + length));
    if (object === undefined) continue;
    end = index + length!;
    if ("rank" in object) objects.push(object);
  }
  return objects;
}

/** Up to the brace that closes the first; braces in strings do not count. */
function lengthOfObject(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === "{") depth++;
    if (token === "}" && --depth === 0) return index + 1;
  }
  return undefined;
}

function parseObject(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function unreadable(reason: string): UnreadableJudgement {
  return { ok: false, reason };
}
