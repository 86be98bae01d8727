/** Plain text of the pocket world: true statements without any request, to pre-train a base model on. */
import { randomStream } from "../random.ts";
import { TRAINED_FAMILIES } from "./families.ts";

export function makePlainText({ seed, count }: { seed: number; count: number }): string[] {
  const stream = randomStream(seed, "pocket plain text");
  return Array.from({ length: count }, () => {
    const family = stream.pick(TRAINED_FAMILIES);
    const item = family.draw(stream);
    const { input } = family.render(item, stream);
    return input === "" ? family.reference(item) : `${input}\n${family.reference(item)}`;
  });
}
