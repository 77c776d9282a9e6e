/** Write a PNG file: a canvas would round colours where they are nearly transparent. */
import { P3_PROFILE } from "./p3_profile.js";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const STRIP = 1 << 20; // bytes that are filtered at once
const PAETH = 4; // of PNG's filters the one that does best on photos

/** RGBA of 8 bits, straight, as a PNG file (ISO/IEC 15948). */
export async function encodePng(
  data: Uint8ClampedArray,
  width: number,
  height: number,
  colorSpace: PredefinedColorSpace,
): Promise<Blob> {
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  head.setUint32(8, 0x08060000); // 8 bits a channel, RGBA, deflate, adaptive filters
  const parts = [SIGNATURE, chunk("IHDR", new Uint8Array(head.buffer))];
  if (colorSpace === "display-p3") parts.push(chunk("iCCP", await profile()));
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>(filteredRows(data, width, height));
  const packed = source.pipeThrough(new CompressionStream("deflate"));
  for (const reader = packed.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(chunk("IDAT", value));
  }
  parts.push(chunk("IEND", new Uint8Array()));
  return new Blob(parts, { type: "image/png" });
}

async function profile(): Promise<Uint8Array> {
  const raw = Uint8Array.from(atob(P3_PROFILE), (letter) => letter.charCodeAt(0));
  const packed = new Blob([raw]).stream().pipeThrough(new CompressionStream("deflate"));
  const name = new TextEncoder().encode("Display P3\0\0"); // its end, and deflate
  return joined([name, new Uint8Array(await new Response(packed).arrayBuffer())]);
}

/** Rows with their filter in front, strip by strip. */
function filteredRows(
  data: Uint8ClampedArray,
  width: number,
  height: number,
): UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  const length = 4 * width;
  const rows = Math.max(1, Math.floor(STRIP / length));
  let top = 0;
  return {
    pull(controller) {
      const end = Math.min(height, top + rows);
      const strip = new Uint8Array((end - top) * (length + 1));
      for (let row = top; row < end; row += 1) {
        filterRow(data, row, length, strip.subarray((row - top) * (length + 1)));
      }
      controller.enqueue(strip);
      top = end;
      if (top === height) controller.close();
    },
  };
}

function filterRow(data: Uint8ClampedArray, row: number, length: number, to: Uint8Array): void {
  const base = row * length;
  to[0] = PAETH;
  for (let at = 0; at < length; at += 1) {
    const left = at < 4 ? 0 : data[base + at - 4];
    const above = row === 0 ? 0 : data[base + at - length];
    const corner = at < 4 || row === 0 ? 0 : data[base + at - length - 4];
    to[at + 1] = data[base + at] - nearest(left, above, corner);
  }
}

/** The neighbour that is nearest to left + above - corner. */
function nearest(left: number, above: number, corner: number): number {
  const a = Math.abs(above - corner);
  const b = Math.abs(left - corner);
  const c = Math.abs(left + above - 2 * corner);
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value;
});

function chunk(name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(content.length + 12);
  const view = new DataView(whole.buffer);
  view.setUint32(0, content.length);
  for (let at = 0; at < 4; at += 1) whole[4 + at] = name.charCodeAt(at);
  whole.set(content, 8);
  let crc = 0xffffffff;
  for (let at = 4; at < content.length + 8; at += 1)
    crc = CRC[(crc ^ whole[at]) & 255] ^ (crc >>> 8);
  view.setUint32(content.length + 8, ~crc >>> 0);
  return whole;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
