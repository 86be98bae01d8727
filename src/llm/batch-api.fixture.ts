/** OpenAI's Batch API on loopback, as far as batch.ts asks it, with faults. Batches are over as soon as they are looked at. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../test/loopback.ts";
import { text } from "node:stream/consumers";
import { chatBody } from "./scripted-server.fixture.ts";

type Path = "POST /files" | "POST /batches" | "GET /batches" | "GET /batches/ID" | "GET /files/ID/content";

/** Answers instead of the API, and says so; `takes` lets the API do its work first, and drops what it says. */
export type Fault = (response: ServerResponse, takes: () => void) => boolean;

export interface BatchApi {
  baseUrl: string;
  /** The lines of each batch. */
  readonly batches: string[][];
  /** What was asked, in order. */
  readonly asked: string[];
  readonly faults: Partial<Record<Path, Fault>>;
  /** The text of each reply. */
  reply: (line: string) => unknown;
  /** Why a line is refused, where it is. */
  refusalOf: (line: string) => string | undefined;
  /** How many other batches were made after ours, 100 to a page. */
  numLater: number;
  isDone: boolean;
  close(): Promise<void>;
}

export const refuse =
  (status: number): Fault =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: `scripted ${status}` } }));
    return true;
  };

interface Batch {
  id: string;
  input_file_id: string;
  metadata: Record<string, string>;
}

export async function startBatchApi(): Promise<BatchApi> {
  const state: State = {
    batches: [],
    asked: [],
    faults: {},
    reply: () => chatBody(["yes"]),
    refusalOf: () => undefined,
    numLater: 0,
    isDone: true,
  };
  const act = actions(state);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url!, "http://x");
    const [, , kind, id = "", rest] = url.pathname.split("/");
    const path = `${request.method} /${kind}${id && "/ID"}${rest === undefined ? "" : `/${rest}`}` as Path;
    state.asked.push(path);
    const asked = { id, after: url.searchParams.get("after"), body: await text(request) };
    const fault = path in act ? state.faults[path] : refuse(404);
    if (fault?.(response, () => void act[path](asked)) === true) return;
    const value = act[path](asked);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  };
  return Object.assign(state, await listenOnLoopback((request, response) => void answer(request, response)));
}

type State = Omit<BatchApi, "baseUrl" | "close">;

interface Asked {
  id: string;
  after: string | null;
  body: string;
}

/** What the API does where nothing goes wrong. */
function actions(state: State): Record<Path, (asked: Asked) => unknown> {
  const files = new Map<string, string[]>();
  const created: Batch[] = [];
  const shown = (batch: Batch) => ({
    ...batch,
    status: state.isDone ? "completed" : "in_progress",
    output_file_id: state.isDone ? `out-${batch.input_file_id}` : null,
  });
  return {
    "POST /files"({ body }) {
      const id = `file-${files.size}`;
      const lines = body.split(/\r?\n/).filter((line) => line.startsWith('{"custom_id"'));
      files.set(id, lines);
      return { id };
    },
    "POST /batches"({ body }) {
      const batch = { ...(JSON.parse(body) as Batch), id: `batch_${created.length}` };
      created.push(batch);
      state.batches.push(files.get(batch.input_file_id)!);
      return shown(batch);
    },
    "GET /batches"({ after }) {
      const later = Array.from({ length: state.numLater }, (_, index) => `later_${index}`);
      const all = [...later.map((id) => ({ id, status: "failed" })), ...created.map(shown)];
      const start = all.findIndex(({ id }) => id === after) + 1;
      return { data: all.slice(start, start + 100), has_more: all.length > start + 100 };
    },
    "GET /batches/ID": ({ id }) => shown(created.find((batch) => batch.id === id)!),
    "GET /files/ID/content": ({ id }) =>
      files
        .get(id.replace("out-", ""))!
        .map((line) => {
          const refusal = state.refusalOf(line);
          return refusal === undefined ? replyLine(line, state.reply(line)) : refusalLine(line, refusal);
        })
        .join(""),
  };
}

/** The line of an output file that answers a line of an input file. */
export function replyLine(line: string, body: unknown): string {
  const { custom_id } = JSON.parse(line) as { custom_id: string };
  return `${JSON.stringify({ custom_id, response: { status_code: 200, body } })}\n`;
}

/** As OpenAI writes it: the status of the line, and the error in its body. */
function refusalLine(line: string, message: string): string {
  const { custom_id } = JSON.parse(line) as { custom_id: string };
  const body = { error: { message, type: "invalid_request_error", param: null, code: null } };
  return `${JSON.stringify({ custom_id, response: { status_code: 400, body }, error: null })}\n`;
}
