/** AdamW (Loshchilov and Hutter, 2019) as PyTorch does it, gradient clipping, and the cosine schedule of `transformers`. */

export type Buffers = ReadonlyMap<string, Float32Array>;

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export interface AdamWState {
  /** Updates made so far. */
  step: number;
  readonly firstMoments: Buffers;
  readonly secondMoments: Buffers;
}

export interface Optimizer {
  init(parameters: Buffers): AdamWState;
  /** Updates parameters and state in place, from gradients of the same names, each multiplied by `clip`. */
  update(parameters: Buffers, gradients: Buffers, state: AdamWState, options: UpdateOptions): void;
}

export interface UpdateOptions {
  readonly learningRate: number;
  /** See `clipScale`. */
  readonly clip: number;
}

export const ADAMW_DEFAULTS: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

export function adamW(options: AdamWOptions = ADAMW_DEFAULTS): Optimizer {
  const { beta1, beta2, epsilon, weightDecay } = options;
  return {
    init(parameters) {
      const zeros = (): Buffers =>
        new Map([...parameters].map(([name, { length }]) => [name, new Float32Array(length)]));
      return { step: 0, firstMoments: zeros(), secondMoments: zeros() };
    },
    update(parameters, gradients, state, { learningRate, clip }) {
      state.step += 1;
      const stepSize = learningRate / (1 - beta1 ** state.step);
      const correction = 1 / Math.sqrt(1 - beta2 ** state.step);
      const keep = 1 - learningRate * weightDecay;
      for (const [name, p] of parameters) {
        const [g, m, v] = [
          gradients.get(name)!,
          state.firstMoments.get(name)!,
          state.secondMoments.get(name)!,
        ];
        for (let i = 0; i < p.length; i++) {
          const slope = g[i]! * clip;
          const first = beta1 * m[i]! + (1 - beta1) * slope;
          const second = beta2 * v[i]! + (1 - beta2) * slope * slope;
          m[i] = first;
          v[i] = second;
          p[i] = p[i]! * keep - (stepSize * first) / (Math.sqrt(second) * correction + epsilon);
        }
      }
    },
  };
}

/** The norm of all gradients together. */
export function gradientNorm(gradients: Buffers): number {
  let sum = 0;
  for (const gradient of gradients.values()) {
    for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!;
  }
  return Math.sqrt(sum);
}

/** What scales gradients of this norm to at most `maxNorm`, as `torch.nn.utils.clip_grad_norm_` does. */
export function clipScale(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}

export interface ScheduleOptions {
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** Learning rate of optimizer step `step` (from 0): linear warm-up, then half a cosine down to 0 at `totalSteps`. */
export function cosineSchedule({ peak, warmupSteps, totalSteps }: ScheduleOptions, step: number): number {
  if (step < warmupSteps) return (peak * step) / Math.max(1, warmupSteps);
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}
