/** OpenAI's Batch API: a file of requests goes up, and within a day a file of replies and one of errors come down. */
import type { OpenAI } from "openai";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import type { ModelReference } from "./model-reference.ts";
import { openAIClient } from "./openai-compatible.ts";
import { parseReply } from "./parse-reply.ts";
import { isStatusError } from "./request-failure.ts";

export interface BatchServer {
  /** Returns the file's id. */
  upload(lines: readonly string[], submission: string): Promise<string>;
  /**
   * Creates a batch of an uploaded file, which carries the submission's name. Returns the batch's id. Throws a `UserError` with
   * the code `batch-in-doubt` where an attempt may have created it.
   */
  create(file: string, submission: string, endpoint: string): Promise<string>;
  /** The id of the batch that carries this name, where there is one. */
  find(submission: string): Promise<string | undefined>;
  look(id: string): Promise<BatchState>;
  /** Hands over the lines of a file, some at a time; after a failed attempt, those again that were handed over before. */
  download(file: string, take: (lines: string[]) => Promise<void>): Promise<void>;
}

const batchState = z.looseObject({
  id: z.string(),
  status: z.string(),
  output_file_id: z.string().nullish(),
  error_file_id: z.string().nullish(),
  request_counts: z.looseObject({ total: z.number(), completed: z.number(), failed: z.number() }).nullish(),
  errors: z
    .looseObject({ data: z.array(z.looseObject({ message: z.string().nullish() })).nullish() })
    .nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
export type BatchState = z.infer<typeof batchState>;

const uploaded = z.looseObject({ id: z.string() });
const listed = z.looseObject({ data: z.array(batchState), has_more: z.boolean().nullish() });
/** What a batch carries our name for it under. */
const NAME = "tuna_submission";
/** Handed over at a time. */
const LINES_AT_ONCE = 500;

export function batchServer(
  { baseUrl, model }: ModelReference,
  options: ConnectionOptions = {},
): BatchServer {
  const connection = openConnection(`${baseUrl}#${model}`, "openai", options);
  const client = openAIClient(baseUrl, connection, options);
  const ask = asker(connection, `${baseUrl}#${model}`);
  return {
    async upload(lines, submission) {
      const form = uploadForm(lines, submission);
      return (await ask(uploaded, (signal) => client.post("/files", { ...form, signal }).asResponse())).id;
    },
    create: (file, submission, endpoint) => createBatch({ file, submission, endpoint }, client, ask),
    find: (submission) =>
      findBatch(submission, (after) => ask(listed, (signal) => page(client, after, signal))),
    look: (id) => ask(batchState, (signal) => client.batches.retrieve(id, { signal }).asResponse()),
    async download(file, take) {
      // A file may be larger than a string can be, so it is read here, and nothing of it is left to be read as a reply.
      const send = async (signal: AbortSignal): Promise<Response> => {
        const { body, headers } = await client.files.content(file, { signal });
        for await (const lines of linesOf(body!))
          await take(lines.map((line) => connection.key.redact(line)));
        return new Response("", { headers });
      };
      await connection.ask({ send, read: asText });
    },
  };
}

interface NewBatch {
  file: string;
  submission: string;
  endpoint: string;
}

/** Asked again only after a look whether the attempt before has created it: each batch is paid for. */
async function createBatch(
  { file, submission, endpoint }: NewBatch,
  client: OpenAI,
  ask: Ask,
): Promise<string> {
  const batch = {
    input_file_id: file,
    endpoint: endpoint as "/v1/chat/completions",
    completion_window: "24h" as const,
    metadata: { [NAME]: submission },
  };
  let isInDoubt = false;
  const lookFor = (signal: AbortSignal): Promise<string | undefined> =>
    findBatch(submission, async (after) =>
      parseReply(listed, await (await page(client, after, signal)).text()),
    );
  const send = async (signal: AbortSignal): Promise<Response> => {
    const known = isInDoubt ? await lookFor(signal) : undefined;
    if (known !== undefined) return client.batches.retrieve(known, { signal }).asResponse();
    isInDoubt = true;
    try {
      return await client.batches.create(batch, { signal }).asResponse();
    } catch (error) {
      isInDoubt = !isRefusal(error);
      throw error;
    }
  };
  try {
    return (await ask(batchState, send)).id;
  } catch (error) {
    throw isInDoubt ? inDoubt(error) : error;
  }
}

/** Then it did not create anything. A proxy's 408 says nothing of the kind. */
function isRefusal(error: unknown): boolean {
  return isStatusError(error) && error.status >= 400 && error.status < 500 && error.status !== 408;
}

/** What is no batch's state comes from a server that has no batches. */
function inDoubt(error: unknown): unknown {
  if (!(error instanceof UserError) || error.code === "batch-unsupported") return error;
  return new UserError(
    `${error.message} Whether the batch was created is not known: run the same command again to look for it.`,
    { code: "batch-in-doubt", facts: error.facts, cause: error },
  );
}

type Listed = z.infer<typeof listed>;

async function findBatch(
  submission: string,
  pageAfter: (id: string | undefined) => Promise<Listed>,
): Promise<string | undefined> {
  for (let after: string | undefined; ;) {
    const { data, has_more } = await pageAfter(after);
    const found = data.find(({ metadata }) => metadata?.[NAME] === submission);
    after = data.at(-1)?.id;
    if (found !== undefined || has_more !== true || after === undefined) return found?.id;
  }
}

/** Without empty ones. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let lines: string[] = [];
  let rest = "";
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!;
    lines.push(...parts.filter((line) => line.trim() !== ""));
    if (lines.length < LINES_AT_ONCE) continue;
    yield lines;
    lines = [];
  }
  if (rest.trim() !== "") lines.push(rest);
  if (lines.length > 0) yield lines;
}

/** A form of our own: the client's is Node's, which the `fetch` that goes by way of a proxy does not know. */
function uploadForm(lines: readonly string[], submission: string) {
  const boundary = `tuna-${submission}`;
  const disposition = (name: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
  const body = Buffer.from(
    `${disposition("purpose")}\r\n\r\nbatch\r\n` +
      `${disposition("file")}; filename="${submission}.jsonl"\r\nContent-Type: application/jsonl\r\n\r\n` +
      `${lines.map((line) => `${line}\n`).join("")}\r\n--${boundary}--\r\n`,
  );
  return { body, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}

interface Text {
  text: string;
  usage?: undefined;
}

function asText(text: string): Text {
  return { text };
}

function page(client: OpenAI, after: string | undefined, signal: AbortSignal): Promise<Response> {
  return client.batches.list({ limit: 100, ...(after !== undefined && { after }) }, { signal }).asResponse();
}

type Ask = <T>(schema: z.ZodType<T>, send: (signal: AbortSignal) => Promise<Response>) => Promise<T>;

function asker(connection: Connection, server: string): Ask {
  return async (schema, send) => {
    const { text } = await connection.ask({ send, read: asText });
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new UserError(
      `Model server ${server}: unexpected reply to a batch request: ${JSON.stringify(text.slice(0, 200))}. --batch needs a server with OpenAI's Batch API.`,
      { code: "batch-unsupported", facts: { server } },
    );
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
