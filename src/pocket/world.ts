/** The pocket world's data sets, drawn from a seed: what `tuna quickstart` trains and evaluates on. */
import type { InstructionRow } from "../data/record.ts";
import { UserError } from "../errors.ts";
import { randomStream, type RandomStream } from "../random.ts";
import { HELD_OUT_FAMILIES, TRAINED_FAMILIES } from "./families.ts";
import type { Family, Task } from "./family.ts";
import { drawQuality, ORIGINAL_RATES, TEACHER_RATES, type QualityRates } from "./quality.ts";
import type { Slots } from "./template.ts";

export interface WorldOptions {
  seed: number;
  trainRows?: number;
  teacherRows?: number;
  rankPrompts?: number;
  heldOutRows?: number;
  heldOutFamilyRows?: number;
}

/** Ids start with the name of the row's family, as "opposites-17" does, and are unique in the world. */
export interface World {
  /** Originals of mixed quality, as Alpaca's. No two rows ask the same unless a family runs out of requests. */
  train: InstructionRow[];
  /** Better responses, for the local teacher; their instructions may be those of `train`. */
  teacherTrain: InstructionRow[];
  /** The rows of `train` whose instructions are to be sampled and ranked. */
  rankPrompts: InstructionRow[];
  /** Instructions that neither training set has, with reference responses. */
  heldOut: InstructionRow[];
  /** Instructions of families that neither training set has, with reference responses. */
  heldOutFamilies: InstructionRow[];
}

/** Draws the world. Equal options give equal worlds. */
export function makeWorld({
  seed,
  trainRows = 3000,
  teacherRows = 6000,
  rankPrompts = 1000,
  heldOutRows = 200,
  heldOutFamilyRows = 100,
}: WorldOptions): World {
  const draw = (set: string, plan: Omit<RowPlan, "stream">): InstructionRow[] =>
    drawRows({ ...plan, stream: randomStream(seed, "pocket world", set) });
  const heldOut = draw("held out", {
    families: TRAINED_FAMILIES,
    numRows: heldOutRows,
    mark: "held-out-",
    respond: reference,
  });
  const excluded = new Set(heldOut.map(taskKey));
  const trained = { families: TRAINED_FAMILIES, excluded };
  const train = draw("train", {
    ...trained,
    numRows: trainRows,
    mark: "",
    respond: withRates(ORIGINAL_RATES),
  });
  return {
    train,
    teacherTrain: draw("teacher", {
      ...trained,
      numRows: teacherRows,
      mark: "teacher-",
      respond: withRates(TEACHER_RATES),
    }),
    rankPrompts: randomStream(seed, "pocket world", "rank prompts").shuffle(train).slice(0, rankPrompts),
    heldOut,
    heldOutFamilies: draw("held-out families", {
      families: HELD_OUT_FAMILIES,
      numRows: heldOutFamilyRows,
      mark: "held-out-",
      respond: reference,
    }),
  };
}

type Respond = (family: Family, item: Slots, stream: RandomStream) => string;

const reference: Respond = (family, item) => family.reference(item);

function withRates(rates: QualityRates): Respond {
  return (family, item, stream) =>
    family.respond(item, drawQuality(rates, family.hasCrowdMistake(item), stream), stream);
}

interface RowPlan {
  families: readonly Family[];
  numRows: number;
  /** Stands in the id between the family's name and the row's number. */
  mark: string;
  respond: Respond;
  /** Keys of the tasks that must not be drawn. */
  excluded?: ReadonlySet<string>;
  stream: RandomStream;
}

/** Draws rows of all families in equal parts, in shuffled order. */
function drawRows({
  families,
  numRows,
  mark,
  respond,
  excluded = new Set(),
  stream,
}: RowPlan): InstructionRow[] {
  const drawn = new Set<string>();
  const rows = Array.from({ length: numRows }, (_, index) => {
    const family = families[index % families.length]!;
    const { item, task } = drawTask(family, { stream, excluded, drawn });
    drawn.add(taskKey(task));
    return {
      id: `${family.name}-${mark}${Math.floor(index / families.length)}`,
      ...task,
      output: respond(family, item, stream),
    };
  });
  return stream.shuffle(rows);
}

const MAX_DRAWS = 200;

interface TaskDraw {
  stream: RandomStream;
  excluded: ReadonlySet<string>;
  drawn: ReadonlySet<string>;
}

/** Draws a task that is not excluded, and a new one as long as the family has new ones to give. */
function drawTask(family: Family, { stream, excluded, drawn }: TaskDraw): { item: Slots; task: Task } {
  let repeated: { item: Slots; task: Task } | undefined;
  for (let attempt = 0; attempt < MAX_DRAWS; attempt++) {
    const item = family.draw(stream);
    const task = family.render(item, stream);
    const key = taskKey(task);
    if (excluded.has(key)) continue;
    if (!drawn.has(key)) return { item, task };
    repeated = { item, task };
  }
  if (repeated) return repeated;
  throw new UserError(
    `pocket world: all requests of the family "${family.name}" are held out, so none is left to train on; ask for fewer held-out rows`,
    { code: "pocket-world-exhausted", facts: { family: family.name, excluded: excluded.size } },
  );
}

function taskKey({ instruction, input }: Task): string {
  return JSON.stringify([instruction, input]);
}
