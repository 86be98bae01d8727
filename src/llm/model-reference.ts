/** `URL#MODEL`: how a user names a model on a server, such as `http://127.0.0.1:8000/v1#gpt-4` or `anthropic#claude-...`. */
import { UserError } from "../errors.ts";

export interface ModelReference {
  /** Without a trailing slash. */
  baseUrl: string;
  model: string;
  /** Whose API the server speaks, where it is not OpenAI's. */
  dialect?: "anthropic";
}

const ANTHROPIC = "https://api.anthropic.com";
/** Before a URL: it speaks Anthropic's API, as a gateway does. */
const GATEWAY = /^anthropic\+(?=https?:)/;

export function parseModelReference(reference: string): ModelReference {
  const hash = reference.indexOf("#");
  if (hash < 0) throw invalid(reference, "there is no # between the server's URL and the model's name");
  const model = reference.slice(hash + 1).trim();
  if (model === "") throw invalid(reference, "the model's name after # is empty");
  const address = reference.slice(0, hash).trim();
  const named = address === "anthropic" ? ANTHROPIC : address;
  const url = parseUrl(reference, named.replace(GATEWAY, ""));
  const baseUrl = (url.origin + url.pathname).replace(/\/+$/, "");
  if (!GATEWAY.test(named) && url.origin !== ANTHROPIC) return { baseUrl, model };
  // Its client adds /v1 to every path.
  return { baseUrl: baseUrl.replace(/\/v1$/, ""), model, dialect: "anthropic" };
}

function parseUrl(reference: string, text: string): URL {
  if (!URL.canParse(text))
    throw invalid(reference, text === "" ? "the URL before # is empty" : "the URL is malformed");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(reference, "the URL does not start with http:// or https://");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw invalid(
      reference,
      "the URL holds a user name, password or query; keys belong in OPENAI_API_KEY, ANTHROPIC_API_KEY or a key file",
    );
  }
  return url;
}

function invalid(reference: string, reason: string): UserError {
  const shown = withoutSecrets(reference);
  return new UserError(
    `Model reference "${shown}": ${reason}. Expected URL#MODEL, such as http://127.0.0.1:8000/v1#gpt-4.`,
    { code: "model-reference-invalid", facts: { reference: shown } },
  );
}

function withoutSecrets(reference: string): string {
  return reference.replace(/\/\/[^/#]*@/, "//[redacted]@").replace(/\?[^#]*/, "?[redacted]");
}
