/** A stage as a command: the same schema gives the flags, the same function does the work. */
import type { z } from "zod";
import type { Stage } from "../recipe/stage.ts";
import { type Command, defineCommand } from "./command.ts";

export function stageCommand<Schema extends z.ZodObject>(
  stage: Stage<Schema>,
  examples: readonly string[],
): Command<Schema> {
  return defineCommand({
    name: stage.kind,
    summary: stage.summary,
    examples,
    options: stage.options,
    async run(options, io) {
      stage.check?.(options);
      const { value, text } = await stage.run(options, io);
      io.result(value, text);
    },
  });
}
