/** Small drawings on buttons: 20 by 20, lines in the colour of the text. */
const PATHS = {
  add: "M10 4v12M4 10h12",
  paste: "M7 4H5v13h10V4h-2M7 3h6v3H7z",
  camera: "M3 6h3l1.5-2h5L14 6h3v10H3zM10 8a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  compare: "M10 3v14M4 5h6v10H4zM12.5 5H16v10h-3.5",
  zoomIn: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M12.6 12.6 17 17M9 7v4M7 9h4",
  zoomOut: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M12.6 12.6 17 17M7 9h4",
  fit: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  keep: "M4 16c0-2 1.5-3.5 3.5-3.5S10 14 10 14s-.5 2-6 2zM8.5 12 15 4.5 16.5 6 10 13M13 16h4M15 14v4",
  erase: "M8 16h9M4.5 12.5 11 6l4.5 4.500L10 16H7z",
  undo: "M7 5 4 8l3 3M4 8h8a4 4 0 0 1 0 8H9",
  redo: "M13 5l3 3-3 3M16 8H8a4 4 0 0 0 0 8h3",
  download: "M10 3v9M6 9l4 4 4-4M4 17h12",
  copy: "M7 7V3h10v10h-4M3 7h10v10H3z",
  close: "M5 5l10 10M15 5 5 15",
  link: "M8 12l4-4M9 6l2-2a3.5 3.5 0 0 1 5 5l-2 2M11 14l-2 2a3.5 3.5 0 0 1-5-5l2-2",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

/** The mark: a figure that is the ground between two others. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect class="mark-ground" width="32" height="32" rx="7" />
    <path
      class="mark-figure"
      d="M16 6.500a5 5 0 0 1 5 5c0 2-.9 3.8-2.3 4.8 4.6.9 7.3 4 7.8 9.200H16z"
    />
    <path
      class="mark-back"
      d="M16 6.500a5 5 0 0 0-5 5c0 2 .9 3.8 2.3 4.8-4.6.9-7.3 4-7.8 9.200H16z"
    />
  </svg>
);
