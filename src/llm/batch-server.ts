/** OpenAI's Batch API: a file of requests goes up, and within a day a file of replies and one of errors come down. */
import type { OpenAI } from "openai";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import type { ModelReference } from "./model-reference.ts";
import { openAIClient } from "./openai-compatible.ts";

export interface BatchServer {
  /** Uploads the lines and creates a batch, which carries the submission's name. Returns the batch's id. */
  submit(lines: readonly string[], submission: string, endpoint: string): Promise<string>;
  /** The id of the batch that carries this name, where there is one. */
  find(submission: string): Promise<string | undefined>;
  look(id: string): Promise<BatchState>;
  /** The lines of a file. */
  download(file: string): Promise<string[]>;
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
const listed = z.looseObject({ data: z.array(batchState) });
/** What a batch carries our name for it under. */
const NAME = "tuna_submission";

export function batchServer(
  { baseUrl, model }: ModelReference,
  options: ConnectionOptions = {},
): BatchServer {
  const connection = openConnection(`${baseUrl}#${model}`, "openai", options);
  const client = openAIClient(baseUrl, connection, options);
  const ask = asker(connection, `${baseUrl}#${model}`);
  return {
    async submit(lines, submission, endpoint) {
      const form = uploadForm(lines, submission);
      const { id } = await ask(uploaded, (signal) => client.post("/files", { ...form, signal }).asResponse());
      const batch = {
        input_file_id: id,
        endpoint: endpoint as "/v1/chat/completions",
        completion_window: "24h" as const,
        metadata: { [NAME]: submission },
      };
      return (await ask(batchState, (signal) => client.batches.create(batch, { signal }).asResponse())).id;
    },
    async find(submission) {
      const { data } = await ask(listed, (signal) => page(client, signal));
      return data.find(({ metadata }) => metadata?.[NAME] === submission)?.id;
    },
    look: (id) => ask(batchState, (signal) => client.batches.retrieve(id, { signal }).asResponse()),
    async download(file) {
      const { text } = await connection.ask({
        send: (signal) => client.files.content(file, { signal }),
        read: asText,
      });
      return text.split("\n").filter((line) => line.trim() !== "");
    },
  };
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

function page(client: OpenAI, signal: AbortSignal): Promise<Response> {
  return client.batches.list({ limit: 100 }, { signal }).asResponse();
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
