/** The mark, and small pictures of 16 by 16, drawn in the colour of the text beside them. */

const PATHS = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.600-1.400L14 14",
  close: "m4 4 8 8m0-8-8 8",
  copy: "M5.500 5.500h7v8h-7zM3.500 10.500v-8h7",
  curve: "M2 2v12h12M4.500 4.500c1.200 4.500 3 6.500 8.500 7",
  warning: "M8 2.500 14.500 13.500H1.500ZM8 6.500v3.500m0 1.800v.1",
  table: "M2 3h12v10H2zM2 6.500h12M6.500 3v10",
  stack: "m8 2 6 3-6 3-6-3Zm-6 6 6 3 6-3m-12 3 6 3 6-3",
  file: "M4 2h5.500L13 5.500V14H4zM9.500 2v3.500H13",
  folder: "M2 4h4l1.500 1.500H14V13H2z",
  person:
    "M8 8a2.700 2.700 0 1 0 0-5.400A2.700 2.700 0 0 0 8 8Zm-5.500 6c.500-3 2.500-4.300 5.500-4.300s5 1.300 5.500 4.300",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm0-9.500v1m0 11v1M1.500 8h1m11 0h1M3.400 3.400l.7.7m7.800 7.800.7.7m0-9.200-.7.7m-7.800 7.800-.7.7",
  moon: "M13 9.700A5.600 5.600 0 0 1 6.300 3 5.600 5.600 0 1 0 13 9.700Z",
  half: "M8 13.500a5.500 5.500 0 1 0 0-11m0 11a5.500 5.500 0 0 1 0-11m0 11v-11m2 1v9m2-7v5",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.1m2.500 0h.1m2.500 0h.1m2.500 0h.1M5 9.500h6",
  columns: "M2 3h12v10H2zM6 3v10m4-10v10",
  group: "M2 3.500h5M2 6.500h5m-5 6h5m2.500-9H14v3H9.500zm0 6.500H14v3H9.500z",
  more: "M3.500 8h.1M8 8h.1m4.400 0h.1",
  download: "M8 2v8m-3.500-3L8 10.500 11.500 7M2.500 13.500h11",
  trash: "M3 4.500h10M6.500 4.500v-2h3v2m-5 0 .500 9h6l.500-9M6.700 7v4m2.600-4v4",
  back: "M3 8a5 5 0 1 0 1.600-3.700L3 5.800M3 2.500v3.300h3.300",
  up: "M8 13V3.500M4.500 7 8 3.500 11.500 7",
  down: "M8 3v9.500M4.500 9 8 12.500 11.500 9",
  left: "M13 8H3.500M7 4.500 3.500 8 7 11.500",
  right: "M3 8h9.500M9 4.500l3.500 3.500L9 11.500",
  pin: "M6 2h4l-.500 4.500L12 9H4l2.500-2.500ZM8 9v5",
  check: "m3 8.500 3.300 3.300L13 4.500",
  menu: "M2.500 4.500h11m-11 3.500h11m-11 3.500h11",
  star: "m8 2 1.800 3.900 4.200.5-3.100 2.900.8 4.200L8 11.400l-3.700 2.100.8-4.200L2 6.400l4.200-.5Z",
  ring: "M8 13.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11Z",
  stop: "M4 4h8v8H4z",
  bolt: "M9 1.500 3.500 9H8l-1 5.500L12.500 7H8z",
  plus: "M8 3v10M3 8h10",
  link: "M6.700 9.300a2.500 2.500 0 0 0 3.600 0l2.200-2.200a2.500 2.500 0 0 0-3.600-3.600l-1 1m1.400 2.200a2.500 2.500 0 0 0-3.600 0L3.500 8.900a2.500 2.500 0 0 0 3.600 3.600l1-1",
  lock: "M3.500 7.500h9v6h-9zM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500",
  globe: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm-6-6h12M8 2c4 4 4 8 0 12-4-4-4-8 0-12Z",
  people:
    "M6 7.500a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600Zm-4.500 6c.300-2.700 2-4 4.500-4s4.200 1.300 4.500 4M10.500 3a2.300 2.300 0 0 1 0 4.400m1.500 2.400c1.500.600 2.300 1.900 2.500 3.700",
  log: "M3 2.500h10v11H3zM5.500 5.500h5m-5 2.500h5m-5 2.500h3",
  about: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-6.500v3.500M8 5v.1",
  edit: "m10.500 2.500 3 3L6 13l-3.500.5L3 10Zm-2 2 3 3",
  expand: "M9.500 2.500h4v4m0-4L9 7M6.500 13.500h-4v-4m0 4L7 9",
  fold: "m4 6 4 4 4-4",
  board: "M2 2.500h5v6H2zM9 2.500h5v3.500H9zM2 10.500h5v3H2zM9 8h5v5.500H9z",
  save: "M3 2.500h7.500l2.500 2.500v8.500H3zM5.500 2.500v3h4v-3M5.500 13.500v-4h5v4",
  grip: "M6 4h.1M6 8h.1M6 12h.1M10 4h.1M10 8h.1M10 12h.1",
  scatter: "M2 2v12h12M5.500 10.500h.1M7.500 7h.1m2.400 2.500h.1m1.400-5h.1",
  parallel: "M3 2.500v11M8 2.500v11M13 2.500v11M3 5l5 5 5-6",
  image: "M2 3h12v10H2zM2 11l3.500-3.500L9 11l2-2 3 3M10.500 6h.1",
  forward: "M13 8a5 5 0 1 1-1.600-3.700L13 5.800M13 2.500v3.300H9.700",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture that says nothing that is not also said in words. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: a curve between the braces of a file. */
export function Mark({ size = 24 }: { size?: number }) {
  return <img class="mark" src="/favicon.svg" width={size} height={size} alt="" />;
}
