/**
 * What a session promises, whether it runs in its caller's thread or in a worker. All of it is imported from `dist/`: on
 * Node 20 a worker cannot load TypeScript.
 */
import { describe, expect, test } from "vitest";
import {
  GraphSession,
  type Value,
  input,
  lookup,
  lower,
  matmul,
  multiply,
  parameter,
  scalar,
} from "../../dist/graph/index.js";

const floats = (shape: number[], ...data: number[]): Value => ({ data: Float32Array.from(data), shape });
const integers = (...data: number[]): Value => ({ data: Int32Array.from(data), shape: [data.length] });

/** product = x [rows, 2] times w [2, 2]; twice = 2 w; picked = rows of w. */
function model() {
  const w = parameter("w", [2, 2]);
  return lower({
    product: matmul(input("x", ["rows", 2]), w),
    twice: multiply(w, scalar(2)),
    picked: lookup(w, input("indices", ["picks"], "int32")),
  });
}

const x = floats([1, 2], 10, 100);
const indices = integers(1);

function open(responsive: boolean, w = Float32Array.of(1, 2, 3, 4)): Promise<GraphSession> {
  return GraphSession.open(model(), new Map([["w", w]]), { threads: 1, responsive });
}

describe.each([
  { where: "in the caller's thread", responsive: false },
  { where: "in a worker", responsive: true },
])("$where", ({ responsive }) => {
  test("every output has its values and shape, for inputs of any length", async () => {
    const session = await open(responsive);
    expect(await session.run({ x, indices })).toEqual(
      new Map([
        ["product", floats([1, 2], 310, 420)],
        ["twice", floats([2, 2], 2, 4, 6, 8)],
        ["picked", floats([1, 2], 3, 4)],
      ]),
    );
    const longer = await session.run({ x: floats([2, 2], 1, 0, 0, 1), indices: integers(0, 1, 0) });
    expect(longer.get("product")).toEqual(floats([2, 2], 1, 2, 3, 4));
    expect(longer.get("picked")).toEqual(floats([3, 2], 1, 2, 3, 4, 1, 2));
    await session.close();
  });

  test("only the asked outputs are computed", async () => {
    const session = await open(responsive);
    const results = await session.run({ x, indices }, { only: ["twice"] });
    expect([...results.keys()]).toEqual(["twice"]);
    await session.close();
  });

  test("an output is written in place, and the caller's own buffer is the result", async () => {
    const session = await open(responsive);
    const into = new Map([["twice", floats([2, 2], -1, -1, -1, -1)]]);
    for (const factor of [1, 10]) {
      const results = await session.run({ x: floats([1, 2], factor, 0), indices }, { into });
      expect(results.get("twice")).toBe(into.get("twice"));
      expect(into.get("twice")).toEqual(floats([2, 2], 2, 4, 6, 8));
      expect(results.get("product")).toEqual(floats([1, 2], factor, 2 * factor));
    }
    await session.close();
  });

  test("a changed parameter counts at the next run, and the caller keeps all buffers", async () => {
    const w = Float32Array.of(1, 2, 3, 4);
    const session = await open(responsive, w);
    await session.run({ x, indices });
    w[3] = 5;
    const results = await session.run({ x, indices });
    expect(results.get("product")).toEqual(floats([1, 2], 310, 520));
    expect([w.length, x.data.length, indices.data.length]).toEqual([4, 2, 1]);
    await session.close();
  });

  test("runs asked for at once each get their own results", async () => {
    const session = await open(responsive);
    const runs = [1, 2, 3].map((value) => session.run({ x: floats([1, 2], value, 0), indices }));
    const products = (await Promise.all(runs)).map((results) => results.get("product")!.data[0]);
    expect(products).toEqual([1, 2, 3]);
    await session.close();
  });

  test.each([
    ["not fed", { indices }, 'Input "x" is not fed; expected [rows, 2].'],
    ["of another type", { x: integers(1, 2), indices }, 'Input "x" needs float32 data, int32 came'],
    [
      "of a wrong shape",
      { x: floats([1, 3], 1, 2, 3), indices },
      'Input "x" has 3 at axis 1, but the graph says 2',
    ],
  ])("an input that is %s is refused", async (_, inputs, message) => {
    const session = await open(responsive);
    await expect(session.run(inputs as Record<string, Value>)).rejects.toMatchObject({
      name: "UserError",
      code: "graph-input-mismatch",
      message: expect.stringContaining(message) as string,
    });
    await session.close();
  });

  test("a failing op is named with its line, shapes and inputs, and the session goes on", async () => {
    const session = await open(responsive);
    await expect(session.run({ x, indices: integers(7) })).rejects.toMatchObject({
      name: "InternalError",
      code: "session-failed",
      facts: { op: "lookup", site: expect.stringMatching(/^graph\/session\.test\.ts:\d+$/) as string },
      message: expect.stringMatching(
        /^internal: the session failed in lookup at \S+ \(\[2, 2\] and \[picks\]\); fed x \[1, 2\], indices \[1\]: .*out of data bounds/s,
      ) as string,
      cause: expect.any(Error) as Error,
    });
    expect((await session.run({ x, indices })).get("picked")).toEqual(floats([1, 2], 3, 4));
    await session.close();
  });

  test("a parameter without values, or a broken model, does not open", async () => {
    await expect(GraphSession.open(model(), new Map(), { responsive })).rejects.toMatchObject({
      code: "parameter-missing",
    });
    const broken = { ...model(), onnx: Uint8Array.of(1, 2, 3), parameters: new Map() };
    await expect(GraphSession.open(broken, new Map(), { responsive })).rejects.toThrow(/protobuf/i);
  });

  test("a closed session runs no more", async () => {
    const session = await open(responsive);
    await session.close();
    await expect(session.run({ x, indices })).rejects.toMatchObject({ code: "session-failed" });
  });
});
