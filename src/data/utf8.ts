/** Bytes of data files to text: UTF-8 only, because what else is decoded to would be learned as it is. */
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** Leaves out a byte order mark. Throws where the bytes are not UTF-8, with the reason in words. */
export class Utf8Decoder {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #isStart = true;

  /** The text of the next bytes; a character that is cut off comes with the next ones. */
  next(bytes: Uint8Array): string {
    if (this.#isStart) refuseUtf16(bytes);
    this.#isStart = false;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Throws where a character is cut off at the end. */
  end(): string {
    return this.#decoder.decode();
  }
}

/** Without this, the message would only say that the bytes are not UTF-8. */
function refuseUtf16(start: Uint8Array): void {
  const isUtf16 = UTF16_MARKS.some(([first, second]) => start[0] === first && start[1] === second);
  if (isUtf16) throw new Error("it is UTF-16 text; save it as UTF-8");
}
