/** OpenAI's Batch API on loopback: files, batches, and what comes down of them as the test decides. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "./loopback.ts";

export interface BatchLine {
  custom_id: string;
  url: string;
  body: { messages: { content: string }[]; n?: number; [parameter: string]: unknown };
}

/** What becomes of a row: the body of a reply, a refusal, or nothing before the batch expires. */
export type Fate = { reply: unknown } | { status: number; message: string } | "expired";

export interface BatchServer {
  baseUrl: string;
  /** The rows of each batch that was created, in order. */
  readonly batches: BatchLine[][];
  /** While false, batches are in progress. */
  isDone: boolean;
  close(): Promise<void>;
}

interface Batch {
  id: string;
  input_file_id: string;
  metadata: unknown;
}

/** The shapes are those of OpenAI's API reference. */
export async function startBatchServer(fateOf: (line: BatchLine) => Fate): Promise<BatchServer> {
  const files = new Map<string, string>();
  const batches = new Map<string, Batch>();
  const state = { batches: [] as BatchLine[][], isDone: false };

  const linesOf = (batch: Batch): BatchLine[] =>
    files
      .get(batch.input_file_id)!
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as BatchLine);
  const shown = (batch: Batch): unknown => {
    const fates = linesOf(batch).map((line) => ({ line, fate: fateOf(line) }));
    const status = fates.some(({ fate }) => fate === "expired") ? "expired" : "completed";
    const request_counts = { total: fates.length, completed: 0, failed: 0 };
    const base = { ...batch, object: "batch", completion_window: "24h", request_counts };
    if (!state.isDone) return { ...base, status: "in_progress" };
    const [output, errors] = [`${batch.id}-output`, `${batch.id}-errors`];
    files.set(output, fates.flatMap(({ line, fate }) => outputLine(line, fate)).join(""));
    files.set(errors, fates.flatMap(({ line, fate }) => errorLine(line, fate)).join(""));
    return { ...base, status, output_file_id: output, error_file_id: errors };
  };
  const react = async (request: IncomingMessage): Promise<unknown> => {
    const body = await readBody(request);
    const [, , kind, id, content] = request.url!.split("?")[0]!.split("/");
    if (request.method === "POST" && kind === "files") {
      const name = `file-${files.size}`;
      // The file is one part of a multipart form.
      files.set(
        name,
        body.split("\r\n").find((part) => part.startsWith('{"custom_id"'))!,
      );
      return { id: name, object: "file" };
    }
    if (request.method === "POST") {
      const batch = { id: `batch_${batches.size}`, ...(JSON.parse(body) as Omit<Batch, "id">) };
      batches.set(batch.id, batch);
      state.batches.push(linesOf(batch));
      return shown(batch);
    }
    if (kind === "files" && content === "content") return files.get(id!);
    return id === undefined ? { data: [...batches.values()].map(shown) } : shown(batches.get(id)!);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const value = await react(request);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  };
  return Object.assign(state, await listenOnLoopback((request, response) => void answer(request, response)));
}

function outputLine({ custom_id }: BatchLine, fate: Fate): string[] {
  if (fate === "expired" || !("reply" in fate)) return [];
  const response = { status_code: 200, request_id: "req", body: fate.reply };
  return [`${JSON.stringify({ id: "batch_req", custom_id, response, error: null })}\n`];
}

function errorLine({ custom_id }: BatchLine, fate: Fate): string[] {
  if (fate !== "expired" && "reply" in fate) return [];
  const outcome =
    fate === "expired"
      ? {
          response: null,
          error: { code: "batch_expired", message: "This request could not be executed in time." },
        }
      : { response: { status_code: fate.status, body: { error: { message: fate.message } } }, error: null };
  return [`${JSON.stringify({ id: "batch_req", custom_id, ...outcome })}\n`];
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
