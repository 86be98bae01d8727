/** The phrasings in which a family words its requests, and the reading of a request back into its item. */
import type { RandomStream } from "../random.ts";
import type { Task } from "./family.ts";
import { fill, fillings, templateReader, type Domains, type Slots } from "./template.ts";

/** One phrasing as templates over the item's slots; a bare string is an instruction without an input. */
export type Ask = string | PhrasedAsk;

export interface PhrasedAsk {
  readonly instruction: string;
  readonly input?: string;
}

export interface AskSheet<Item> {
  render(item: Item, stream: RandomStream): Task;
  recognise(task: Task): Item | undefined;
  /** Texts that hold every word of the phrasings and their slots. */
  texts(): string[];
}

interface AskSpec<Item> {
  asks: readonly Ask[];
  domains: Domains;
  /** False for slot values that make no item together. */
  isItem?(item: Item): boolean;
}

export function askSheet<Item extends Slots>(spec: AskSpec<Item>): AskSheet<Item> {
  const { domains } = spec;
  const sheet = spec.asks.map((ask) => ({
    input: "",
    ...(typeof ask === "string" ? { instruction: ask } : ask),
  }));
  const readers = sheet.map(({ instruction, input }) => ({
    readInstruction: templateReader(instruction, domains),
    readInput: templateReader(input, domains),
  }));
  return {
    render(item, stream) {
      const { instruction, input } = stream.pick(sheet);
      return { instruction: fill(instruction, item), input: fill(input, item) };
    },
    recognise(task) {
      for (const { readInstruction, readInput } of readers) {
        const asked = readInstruction(task.instruction.trim());
        const given = asked && readInput(task.input.trim());
        if (!given) continue;
        const item = { ...asked, ...given } as Slots as Item;
        return spec.isItem?.(item) === false ? undefined : item;
      }
      return undefined;
    },
    texts: () =>
      sheet.flatMap(({ instruction, input }) =>
        [instruction, input].flatMap((text) => fillings(text, domains)),
      ),
  };
}
