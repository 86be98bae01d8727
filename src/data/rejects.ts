/** The file that bad rows go to, with the place and the reason of each. It is there only where there were some. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { RejectedRow } from "./rejected-row.ts";

export class Rejects {
  readonly #path: string | undefined;
  #file: number | undefined;
  #count = 0;

  /** Without a path nothing is taken: whoever reads throws at the first bad row. */
  constructor(path: string | undefined) {
    this.#path = path;
    if (path !== undefined) rmSync(path, { force: true });
  }

  /** Takes the bad rows of one file. */
  of(source: string): ((row: RejectedRow) => void) | undefined {
    const path = this.#path;
    return path === undefined ? undefined : (row) => this.#write(path, { file: source, ...row });
  }

  get count(): number {
    return this.#count;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(path: string, row: object): void {
    if (this.#file === undefined) {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = openSync(path, "w");
    }
    writeSync(this.#file, `${JSON.stringify(row)}\n`);
    this.#count++;
  }
}
