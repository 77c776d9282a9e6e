/** What a file is, by its first bytes, and whether it is all there. */

export type Trouble = "empty" | "not-image" | "cut-short";
export type Kind = "image" | "video";

const text = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));

/** Where a JPEG's scans end; false if the file ends before. */
export function isWholeJpeg(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) {
      at++; // padding
      continue;
    }
    const marker = bytes[at + 1];
    if (marker === 0xd9) return true;
    const alone = marker === 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd8);
    if (alone) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    at += 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    if (marker === 0xda) at = scanEnd(bytes, at);
  }
  return at + 2 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] === 0xd9;
}

/** The marker after a scan; the scan's own bytes of 0xff are followed by 0 or by a restart. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7))
      return at;
  }
  return bytes.length;
}

function isWholePng(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (text(bytes, at + 4, at + 8) === "IEND") return true;
  }
  return false;
}

const VIDEO_BRANDS = [
  "isom",
  "iso2",
  "iso4",
  "iso5",
  "iso6",
  "mp41",
  "mp42",
  "qt  ",
  "M4V ",
  "avc1",
  "dash",
];

/** Whether bytes are those of an image or a video that people have; null of anything else. */
export function kindOf(bytes: Uint8Array): Kind | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "image";
  if (text(bytes, 1, 4) === "PNG" || text(bytes, 0, 3) === "GIF" || text(bytes, 0, 2) === "BM") {
    return "image";
  }
  if (text(bytes, 0, 4) === "RIFF") {
    const form = text(bytes, 8, 12);
    return form === "WEBP" ? "image" : form === "AVI " ? "video" : null;
  }
  if (text(bytes, 4, 8) === "ftyp")
    return VIDEO_BRANDS.includes(text(bytes, 8, 12)) ? "video" : "image";
  const tiff = text(bytes, 0, 4);
  if (tiff === "II*\0" || tiff === "MM\0*") return "image";
  if (bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf) return "video"; // Matroska
  return null;
}

/** What is wrong with a file, as far as its bytes tell; null where nothing is. */
export function findTrouble(bytes: Uint8Array): Trouble | null {
  if (!bytes.length) return "empty";
  const kind = kindOf(bytes);
  if (!kind) return "not-image";
  if (bytes[0] === 0xff && !isWholeJpeg(bytes)) return "cut-short";
  if (text(bytes, 1, 4) === "PNG" && !isWholePng(bytes)) return "cut-short";
  if (text(bytes, 0, 4) === "RIFF") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 12 || view.getUint32(4, true) + 8 > bytes.length) return "cut-short";
  }
  return null;
}

/** A name for a result: `photo.cutout.png`; what is taken gets a number. */
export function resultName(name: string, ending: string, taken: ReadonlySet<string>): string {
  const stem = name.replace(/\.[^.]*$/, "") || "image";
  let result = `${stem}.cutout.${ending}`;
  for (let n = 2; taken.has(result); n++) result = `${stem}-${n}.cutout.${ending}`;
  return result;
}
