/** What an adapter in PEFT's format says of the model that it belongs to. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from "./model-files.ts";

export interface AdapterBase {
  /** A folder, or a model of the hub: a folder of that name comes first. */
  readonly name: string;
  /** Of a model of the hub. */
  readonly revision: string;
}

/** Undefined for a folder that holds no adapter. Throws a `UserError` for an adapter that is not whole. */
export function adapterBase(folder: string): AdapterBase | undefined {
  const file = join(folder, ADAPTER_CONFIG);
  if (!existsSync(file)) return undefined;
  const { base_model_name_or_path: name, revision } = readObject(file);
  if (typeof name !== "string" || name === "") throw withoutBase(folder, "names no base model");
  if (!existsSync(join(folder, ADAPTER_WEIGHTS))) {
    throw new UserError(
      `${folder}: no ${ADAPTER_WEIGHTS} beside ${ADAPTER_CONFIG}. Save the adapter with PEFT's save_pretrained, which writes both.`,
      { code: "adapter-weights-missing", facts: { folder } },
    );
  }
  return { name, revision: typeof revision === "string" && revision !== "" ? revision : "main" };
}

/** For a base that is neither there nor on the hub; `problem` goes on after the name of the file. */
export function withoutBase(folder: string, problem: string): UserError {
  return new UserError(
    `${folder}: ${ADAPTER_CONFIG} ${problem}. Set base_model_name_or_path to the model's folder or its name on the hub, in a copy of the adapter if need be.`,
    { code: "adapter-base-missing", facts: { folder } },
  );
}

/** For an adapter that is, by way of others or at once, its own base. */
export function adapterInCircle(folder: string): UserError {
  return new UserError(
    `${folder}: by the base models that ${ADAPTER_CONFIG} names, this adapter is its own base. Set base_model_name_or_path to the model that it was trained with.`,
    { code: "adapter-base-circular", facts: { folder } },
  );
}

function readObject(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UserError(`${file}: expected a JSON object. The file is damaged; download or write it again.`, {
    code: "json-broken",
    facts: { file },
  });
}
