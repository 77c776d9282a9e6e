/** The steps between an image and its cutout, for programs that put them together themselves. */

export * from "./matting/color_matting.js";
export * from "./matting/crop_refinement.js";
export * from "./matting/edited_foreground.js";
export * from "./matting/filters.js";
export * from "./matting/foreground.js";
export * from "./matting/image_alpha.js";
export * from "./matting/letterbox.js";
export * from "./matting/plane.js";
export * from "./matting/regions.js";
export * from "./matting/resample.js";
export * from "./matting/resize.js";
export * from "./matting/small_regions.js";
