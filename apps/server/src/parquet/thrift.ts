/** Writes Thrift's compact protocol, as far as Parquet's footer and page headers need it. */
export type Thrift = ReturnType<typeof createThrift>;

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

export function createThrift() {
  let bytes = Buffer.alloc(1024);
  let used = 0;
  /** The last field's number in each struct that is open. */
  const last: number[] = [0];

  function reserve(size: number): void {
    if (used + size <= bytes.length) return;
    const larger = Buffer.alloc(Math.max(bytes.length * 2, used + size));
    bytes.copy(larger, 0, 0, used);
    bytes = larger;
  }
  function putByte(byte: number): void {
    reserve(1);
    bytes[used++] = byte;
  }
  function putVarint(value: number): void {
    let left = value;
    while (left >= 0x80) {
      putByte((left % 0x80) | 0x80);
      left = Math.floor(left / 0x80);
    }
    putByte(left);
  }
  const putZigzag = (value: number) => putVarint(value * 2);
  function putBinary(value: Buffer): void {
    putVarint(value.length);
    reserve(value.length);
    used += value.copy(bytes, used);
  }
  function putField(id: number, type: number): void {
    const step = id - last.at(-1)!;
    last[last.length - 1] = id;
    putByte((step << 4) | type);
  }
  function putStruct(write: () => void): void {
    last.push(0);
    write();
    putByte(0);
    last.pop();
  }
  function putList<T>(id: number, type: number, items: readonly T[], put: (item: T) => void): void {
    putField(id, LIST);
    if (items.length < 15) putByte((items.length << 4) | type);
    else {
      putByte(0xf0 | type);
      putVarint(items.length);
    }
    for (const item of items) put(item);
  }

  // Numbers here are sizes, counts and codes: none is negative. Fields are written in the order of their ids, none more than 15 apart.
  return {
    i32(id: number, value: number): void {
      putField(id, I32);
      putZigzag(value);
    },
    i64(id: number, value: number): void {
      putField(id, I64);
      putZigzag(value);
    },
    binary(id: number, value: Buffer): void {
      putField(id, BINARY);
      putBinary(value);
    },
    text(id: number, value: string): void {
      putField(id, BINARY);
      putBinary(Buffer.from(value));
    },
    struct(id: number, write: () => void): void {
      putField(id, STRUCT);
      putStruct(write);
    },
    i32s: (id: number, values: readonly number[]) => putList(id, I32, values, putZigzag),
    texts: (id: number, values: readonly string[]) =>
      putList(id, BINARY, values, (value) => putBinary(Buffer.from(value))),
    structs: <T>(id: number, items: readonly T[], write: (item: T) => void) =>
      putList(id, STRUCT, items, (item) => putStruct(() => write(item))),
    /** Ends the outermost struct. */
    end(): Buffer {
      putByte(0);
      return bytes.subarray(0, used);
    },
  };
}
