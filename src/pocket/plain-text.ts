/** Plain text of the pocket world: what is true there, without any request, to pre-train a base model on. */
import { randomStream } from "../random.ts";
import { TRAINED_FAMILIES } from "./families.ts";

/** What these say depends on the request alone: without it, their texts would teach a model to ignore its prompt. */
const FAMILIES_WITHOUT_KNOWLEDGE = new Set(["yes-no", "story", "thank-you", "invitation"]);

const KNOWLEDGE_FAMILIES = TRAINED_FAMILIES.filter(({ name }) => !FAMILIES_WITHOUT_KNOWLEDGE.has(name));

export function makePlainText({ seed, count }: { seed: number; count: number }): string[] {
  const stream = randomStream(seed, "pocket plain text");
  return Array.from({ length: count }, () => {
    const family = stream.pick(KNOWLEDGE_FAMILIES);
    const item = family.draw(stream);
    const { input } = family.render(item, stream);
    return input === "" ? family.statement(item) : `${input}\n${family.statement(item)}`;
  });
}
