/** A stand-in for the library: an ellipse is the person. For tests of the page alone. */
import { type Cutout, FiguregroundError, type LoadOptions, type Pixels } from "../../../src/api.js";

export { FiguregroundError };

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

export class Remover {
  static async load(options: LoadOptions = {}): Promise<Remover> {
    for (let n = 0; n <= 10; n++) {
      options.onProgress?.({ what: "network", loaded: n, total: 10 });
      await pause(30);
    }
    return new Remover();
  }

  async decode(image: Blob): Promise<Pixels> {
    const bitmap = await createImageBitmap(image).catch(() => {
      throw new FiguregroundError("image", "not an image");
    });
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return { data, width, height, colorSpace: "srgb" };
  }

  async cutout(image: Blob): Promise<Cutout> {
    const pixels = await this.decode(image);
    const { width, height } = pixels;
    await pause(200);
    const alpha = new Float32Array(width * height);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const far = Math.hypot((x / width - 0.45) / 0.32, (y / height - 0.55) / 0.5);
        alpha[i] = Math.min(1, Math.max(0, (1 - far) * 20));
      }
    }
    return { ...(await this.recolor(pixels, alpha, alpha)), original: pixels.data };
  }

  async recolor(pixels: Pixels, _found: Float32Array, shown: Float32Array): Promise<Cutout> {
    const { width, height, colorSpace } = pixels;
    const foreground = pixels.data.slice();
    for (let i = 0; i < shown.length; i++) foreground[4 * i + 3] = Math.round(255 * shown[i]);
    return { alpha: shown, foreground, width, height, colorSpace };
  }
}
