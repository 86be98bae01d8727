/**
 * The frequencies of rotary positions from `config.json`: newer files have `rope_parameters`, older ones `rope_theta`
 * and `rope_scaling`.
 */
import { z } from "zod";

const positive = z.number().positive();
const theta = positive.optional();
const partial_rotary_factor = positive.max(1).optional();

const llama3 = z.strictObject({
  rope_type: z.literal("llama3"),
  rope_theta: theta,
  partial_rotary_factor,
  factor: positive,
  low_freq_factor: positive,
  high_freq_factor: positive,
  original_max_position_embeddings: positive,
});

const ropeKind = z.discriminatedUnion("rope_type", [
  z.strictObject({ rope_type: z.literal("default"), rope_theta: theta, partial_rotary_factor }),
  z.strictObject({
    rope_type: z.literal("linear"),
    rope_theta: theta,
    partial_rotary_factor,
    factor: positive,
  }),
  llama3,
]);

/** Older files say `type`; some say both. */
export const ropeParameters = z.preprocess((value) => {
  if (typeof value !== "object" || value === null || !("type" in value)) return value;
  const { type, ...rest } = value;
  return { rope_type: type, ...rest };
}, ropeKind);
export type RopeParameters = z.output<typeof ropeKind>;

/** The keys of a family with one kind of rotary positions. */
export const ropeFields = {
  max_position_embeddings: z.number().int().positive().default(2048),
  rope_theta: positive.default(10_000),
  rope_scaling: ropeParameters.nullish(),
  rope_parameters: ropeParameters.nullish(),
  rope_interleaved: z.literal(false).optional(),
};

type RopeFields = z.output<z.ZodObject<typeof ropeFields>>;

/** For heads of which the first `size` features turn. */
export function frequenciesOf(config: RopeFields, size: number): readonly number[] {
  const rope = config.rope_parameters ?? config.rope_scaling ?? { rope_type: "default" };
  return rotaryFrequencies({ ...rope, rope_theta: rope.rope_theta ?? config.rope_theta }, size);
}

/** Pair p of `size` features turns by theta ** (-2p / size) a position, scaled. */
export function rotaryFrequencies(rope: RopeParameters, size: number): readonly number[] {
  const base = rope.rope_theta ?? 10_000;
  const plain = Array.from({ length: Math.floor(size / 2) }, (_, pair) => base ** ((-2 * pair) / size));
  if (rope.rope_type === "llama3") return plain.map((frequency) => llama3Scaled(frequency, rope));
  return rope.rope_type === "linear" ? plain.map((frequency) => frequency / rope.factor) : plain;
}

/** Llama 3.1: long waves are stretched by the factor, short ones stay, those between are mixed. */
function llama3Scaled(frequency: number, rope: z.output<typeof llama3>): number {
  const { factor, low_freq_factor: low, high_freq_factor: high } = rope;
  /** How often the wave fits the window that the model was first trained with. */
  const turns = (rope.original_max_position_embeddings * frequency) / (2 * Math.PI);
  if (turns < low) return frequency / factor;
  if (turns > high) return frequency;
  const kept = (turns - low) / (high - low);
  return ((1 - kept) * frequency) / factor + kept * frequency;
}
