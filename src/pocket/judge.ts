/** The judge of the pocket world: by the rubric, it answers a contextual ranking prompt in the form of Table 9, and reviews two answers. */
import { readRankingPrompt } from "./ranking-prompt.ts";
import { readReviewPrompt } from "./review-prompt.ts";
import { gradeResponse, recogniseTask } from "./rubric.ts";

export type JudgeAnswer = { ok: true; reply: string } | { ok: false; reason: string };

export function judgeRankingPrompt(text: string): JudgeAnswer {
  const prompt = readRankingPrompt(text);
  if (!prompt) return { ok: false, reason: "the last message is not a contextual ranking prompt" };
  const recognised = recogniseTask(prompt.task);
  if (!recognised) return { ok: false, reason: "the instruction is not one of the pocket world's" };

  const { family, item } = recognised;
  const reference = family.reference(item);
  const twins = findTwins(prompt.responses);
  const scores = [...prompt.responses, reference]
    .map((response, label) => ({ label, score: gradeResponse(recognised, response).total }))
    .filter(({ label }) => !twins.has(label));
  const ranked = scores.toSorted((a, b) => b.score - a.score || a.label - b.label);
  const reply = [
    `This is ${family.kind === "open" ? "an open" : "a close"}-ended instruction.`,
    `###Response ${prompt.responses.length}:\n${reference}`,
    describeTwins(twins),
    scores.map(({ label, score }) => `Response ${label}: ${score}`).join("\n"),
    `rank: [${ranked.map(({ label }) => label).join(", ")}]`,
  ];
  return { ok: true, reply: reply.join("\n\n") };
}

/** Two scores for the two answers to a question, which may stand before a last message that asks once more. */
export function judgeReview(texts: readonly string[]): JudgeAnswer | undefined {
  const prompt = texts.map(readReviewPrompt).find((each) => each !== undefined);
  if (!prompt) return undefined;
  const recognised = recogniseTask(prompt.task);
  if (!recognised) return { ok: false, reason: "the question is not one of the pocket world's" };
  const scores = prompt.answers.map((answer) => {
    const { total } = gradeResponse(recognised, answer);
    return 1 + (9 * total) / 15;
  });
  const code = /the word (\w+), a space/.exec(texts.at(-1)!)?.[1];
  const line = scores.map((score) => score.toFixed(1)).join(" ");
  return {
    ok: true,
    reply: `${code === undefined ? "" : `${code} `}${line}\nBoth by the rubric of the pocket world.`,
  };
}

/** From each response that says the same as an earlier one, to the first such one. */
function findTwins(responses: readonly string[]): Map<number, number> {
  const said = responses.map((response) => response.replace(/\s+/g, " ").trim());
  return new Map(
    said.flatMap((text, label) => (said.indexOf(text) < label ? [[label, said.indexOf(text)]] : [])),
  );
}

function describeTwins(twins: ReadonlyMap<number, number>): string {
  if (twins.size === 0) return "There are no duplicate responses.";
  return [...twins]
    .map(([label, first]) => `Response ${label} is a duplicate of Response ${first}.`)
    .join("\n");
}
