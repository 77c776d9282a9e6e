// What surrounds the network in a browser: image to its input, its matte to a cutout.

/** Pixels as a canvas gives them, RGBA 0 to 255, to the network's input, RGB 0 to 1. */
export function toSquare(pixels) {
  const square = new Float32Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    for (let channel = 0; channel < 3; channel += 1) square[to++] = pixels[from + channel] / 255;
  }
  return square;
}

/** Stretch levels: up to 0.15 becomes 0, from 0.85 on 1, linear between; as figureground does. */
export function stretchLevels(alpha) {
  return alpha.map((level) => Math.min(1, Math.max(0, (level - 0.15) / 0.7)));
}

/** Draw the person of an image on a canvas of the image's size. */
export async function cutOut(image, canvas, { matte, size }) {
  const small = new OffscreenCanvas(size, size);
  const context = small.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, size, size);
  const image = context.getImageData(0, 0, size, size);
  const alpha = stretchLevels(await matte(toSquare(image.data)));
  alpha.forEach((level, pixel) => { image.data[4 * pixel + 3] = Math.round(255 * level); });
  context.putImageData(image, 0, 0);

  canvas.width = image.width;
  canvas.height = image.height;
  const whole = canvas.getContext("2d");
  whole.drawImage(small, 0, 0, image.width, image.height);
  whole.globalCompositeOperation = "source-in";
  whole.drawImage(image, 0, 0);
  whole.globalCompositeOperation = "source-over";
}
