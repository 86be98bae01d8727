/** The file of a task, YAML or JSON, with the line of each thing in it. */
import {
  type Document,
  LineCounter,
  type Node,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  visit,
} from "yaml";
import { readText } from "../../data/text-file.ts";
import { UserError } from "../../errors.ts";

/** Keys and indices, from the outermost. */
export type Place = readonly PropertyKey[];

export interface TaskDocument {
  readonly path: string;
  readonly value: unknown;
  /** `F.yaml, line 7`: of what stands at the place, or of what is nearest around it. */
  where(place: Place): string;
}

export async function readTaskDocument(path: string): Promise<TaskDocument> {
  let text = "";
  for await (const piece of readText(path)) text += piece;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw notYaml(path, fault);
  keepNumbersAsWritten(document);
  return {
    path,
    value: valueOf(document, path),
    where(place) {
      const offset = offsetOf(document.contents, place);
      return offset === undefined ? path : `${path}, line ${lines.linePos(offset).line}`;
    },
  };
}

/** Of items, whose fields are texts: an answer 1.50 or 007 is not 1.5 or 7. */
function keepNumbersAsWritten({ contents }: Document): void {
  const items = isMap(contents) ? contents.get("items", true) : undefined;
  if (!isNode(items)) return;
  visit(items, {
    Scalar(_, scalar) {
      const { value, source } = scalar;
      if (typeof value === "number" && source !== String(value)) scalar.value = source;
    },
  });
}

function valueOf(document: { toJS(): unknown }, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases of aliases, which would fill the memory.
    throw notYaml(path, cause as Error);
  }
}

/** Of a key, where there is one: a long value may begin on the next line. */
function offsetOf(contents: unknown, place: Place): number | undefined {
  let node = isNode(contents) ? contents : undefined;
  let offset = node?.range?.[0];
  for (const step of place) {
    const next = childOf(node, step);
    if (next === undefined) break;
    offset = next.offset ?? offset;
    node = next.node;
  }
  return offset;
}

function childOf(
  node: Node | undefined,
  step: PropertyKey,
): { offset: number | undefined; node: Node | undefined } | undefined {
  if (isAlias(node)) return undefined;
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { offset: item.range?.[0], node: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  if (pair === undefined || !isNode(pair.key)) return undefined;
  return { offset: pair.key.range?.[0], node: isNode(pair.value) ? pair.value : undefined };
}

function notYaml(path: string, cause: Error): UserError {
  const [reason] = cause.message.split("\n");
  return new UserError(`${path}: not valid YAML (${reason!.replace(/:$/, "")}).`, {
    code: "task-not-yaml",
    facts: { path },
    cause,
  });
}
