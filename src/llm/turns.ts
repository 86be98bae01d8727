/** Lets tasks that carry the same key run one after the other, while other keys run freely. */

export type InTurn = <T>(key: string, task: () => Promise<T>) => Promise<T>;

export function createTurns(): InTurn {
  const latest = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const previous = latest.get(key) ?? Promise.resolve();
    const mine = previous.then(task, task);
    latest.set(key, mine);
    try {
      return await mine;
    } finally {
      if (latest.get(key) === mine) latest.delete(key);
    }
  };
}
