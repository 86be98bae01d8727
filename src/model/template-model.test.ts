import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { loadModel, saveModel } from "./folder.ts";
import { type TemplatedModel, withTemplate } from "./template-model.ts";
import type { TemplateName } from "./template.ts";

/** In the manner of Llama 2: it writes BOS itself, and EOS behind an answer. */
const WITH_BOS =
  "{{ bos_token }}{% for message in messages %}{% if message.role == 'user' %}[ask] {{ message.content }} [/ask]" +
  "{% else %} {{ message.content }}{{ eos_token }}{% endif %}{% endfor %}";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tuna-template-"));
  saveModel(tinyModel({ alphabet: "abcdefghijklmnopqrstuvwxyz []/|<>:\n" }), folder);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** With more, or other, entries in one of the folder's files. */
function change(name: string, entries: object): void {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...read(name), ...entries }));
}
function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>;
}
const useTemplate = (chat_template: unknown): void => change("tokenizer_config.json", { chat_template });
const open = (template: TemplateName = "chat"): TemplatedModel =>
  withTemplate(loadModel(folder), template, { path: "M", now: () => new Date(2024, 6, 26) });
/** A token that ends a turn, beside EOS. */
const addEndOfTurn = (): number => {
  const tokenizer = read("tokenizer.json") as {
    added_tokens: object[];
    model: { vocab: Record<string, number> };
  };
  // The token of "|", so that the vocabulary keeps its size.
  const { "|": id, ...vocab } = tokenizer.model.vocab;
  tokenizer.model.vocab = { ...vocab, "<end>": id! };
  tokenizer.added_tokens.push({ ...tokenizer.added_tokens[0]!, id, content: "<end>" });
  change("tokenizer.json", tokenizer);
  return id!;
};

describe("prompts", () => {
  test("the user's message in the model's own words, and BOS once", () => {
    useTemplate(WITH_BOS);
    const { model, promptOf } = open();
    const prompt = promptOf({ instruction: "add", input: "one" });
    expect(prompt).toBe("<s>[ask] add\n\none [/ask]");
    expect(model.tokenizer.encode(prompt).filter((id) => id === 1)).toEqual([1]);
    expect(model.tokenizer.encode(prompt)[0]).toBe(1);
    // Other templates leave BOS to the tokenizer.
    expect(open("none").model.tokenizer.encode("add")[0]).toBe(1);
  });

  test("chat_template.jinja counts before tokenizer_config.json; of several templates the default", () => {
    useTemplate([
      { name: "tool_use", template: "tools" },
      { name: "default", template: "{{ messages[0].content }} (default)" },
    ]);
    expect(open().promptOf({ instruction: "hi" })).toBe("hi (default)");
    writeFileSync(join(folder, "chat_template.jinja"), "{{ messages[0].content }} (file)");
    expect(open().promptOf({ instruction: "hi" })).toBe("hi (file)");
  });

  test("what transformers offers to templates", () => {
    useTemplate(
      "{%- if tools is not none %}tools{% endif %}{{ messages | tojson }}{{ unk_token }}{{ pad_token }}" +
        "{% if add_generation_prompt %}\n    {% generation %}{{ strftime_now('%d %b %Y') }}{% endgeneration %}{% endif %}",
    );
    const { promptOf, notes } = open();
    expect(promptOf({ instruction: "é" })).toContain('[{"role": "user", "content": "é"}]<unk>');
    expect(promptOf({ instruction: "hi" })).toContain("26 Jul 2024");
    expect(notes).toContain(
      "the chat template of M writes today's date into prompts: on another day they are others",
    );
  });
});

describe("what ends a response", () => {
  test("EOS, where the template writes that", () => {
    useTemplate(WITH_BOS);
    expect(open().model.eosIds).toEqual([2]);
    expect(open().notes).toEqual([]);
  });

  test("another token: training appends it, sampling stops there, and the saved folder says so", () => {
    const end = addEndOfTurn();
    useTemplate("{% for m in messages %}{{ m.role }}: {{ m.content }} <end>\n{% endfor %}");
    expect(loadModel(folder).eosIds).toEqual([2]);
    const { model, notes } = open();
    expect([model.eosIds, notes]).toEqual([[end, 2], []]);
    saveModel(model, join(folder, "saved"));
    expect(loadModel(join(folder, "saved")).eosIds).toEqual([2, end]);
    expect(read("saved/generation_config.json")).toEqual({ eos_token_id: [end, 2] });
  });

  test.each([
    ["text", "{{ messages[-1].content }} [over]", '"[over]", which is no single token'],
    ["nothing", "{{ messages[-1].content }}", "nothing"],
  ])("EOS instead, and that is said, where the template writes %s", (_, template, found) => {
    useTemplate(template);
    const { model, notes } = open();
    expect(model.eosIds).toEqual([2]);
    expect(notes).toEqual([
      `the chat template of M ends an answer with ${found}: responses end with EOS (token 2) instead`,
    ]);
  });

  test("ids of generation_config.json end a response, too", () => {
    writeFileSync(join(folder, "generation_config.json"), '{"eos_token_id": [5, 2], "top_p": 0.9}');
    const model = loadModel(folder);
    expect(model.eosIds).toEqual([2, 5]);
    saveModel(model, join(folder, "saved"));
    expect(read("saved/generation_config.json")).toEqual({ eos_token_id: [5, 2], top_p: 0.9 });
    writeFileSync(join(folder, "generation_config.json"), "[");
    expect(() => loadModel(folder)).toThrow("generation_config.json: expected JSON");
  });
});

describe("the saved folder", () => {
  test("keeps the chat template, and names the template that it was trained with", () => {
    writeFileSync(join(folder, "chat_template.jinja"), WITH_BOS);
    saveModel(open().model, join(folder, "saved"));
    expect(read("saved/tuna.json")).toEqual({ template: "chat" });
    expect(readFileSync(join(folder, "saved/chat_template.jinja"), "utf8")).toBe(WITH_BOS);
    const again = loadModel(join(folder, "saved"));
    expect(again.template).toBe("chat");
    const note =
      "M was trained with --template chat; with alpaca it is asked in a form that it was not trained on";
    expect(withTemplate(again, "alpaca", { path: "M" }).notes).toEqual([note]);
    expect(withTemplate(again, "chat", { path: "M" }).notes).toEqual([]);
  });

  test("of a model that was not trained here says nothing", () => {
    expect(loadModel(folder).template).toBeUndefined();
    writeFileSync(join(folder, "tuna.json"), '{"template": "of another version"}');
    expect(loadModel(folder).template).toBeUndefined();
  });
});

describe("errors", () => {
  test.each([
    [undefined, /^M has no chat template \(neither .*\)\. Use --template alpaca/],
    [[{ name: "rag", template: "" }], /^M has no default chat template, only rag\. Use --template alpaca/],
    ["{% if %}", /^M: its chat template fails \(.*\)\. Use --template alpaca/],
    ["{{ raise_exception('only tools') }}", /^M: its chat template fails \(only tools\)/],
    ["{{ strftime_now('%Q') }}", /^M: its chat template fails \(strftime_now: unknown directive "%Q"\)/],
  ])("%j", (template, message) => {
    if (template !== undefined) useTemplate(template);
    expect(() => open()).toThrow(message);
    expect(open("none").notes).toEqual([]);
  });
});
