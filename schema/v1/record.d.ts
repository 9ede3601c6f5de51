// The types of RunJSON 1.0 for programs that write it, made by `python -m runjson_schema.schemas` from
// record.schema.json. What types do not say, such as that columns are of one length, `runjson validate` does.

/** The object without members. */
export type Empty = { [name: string]: never };

/** What says nothing where a member is optional; SPEC 5.1. */
export type Nothing = null | readonly [] | Empty;

/** The numbers that JSON lacks; SPEC 5.2. */
export type NonFinite = "NaN" | "Infinity" | "-Infinity";

/**
 * A RunJSON record, without unknown members. One record: a whole document, or one line of a stream. What the first
 * record of a file must say (runjson; id in a stream) and what needs more than one record or member (lengths of
 * columns, write-once parameters) is in SPEC.md.
 */
export interface RunRecord {
  /** A hint for editors. Readers drop it. */
  $schema?: string | Nothing;
  /** The version of the format. Required in the first record; "major.minor" as a text. */
  runjson?: `${bigint}.${bigint}` | Nothing;
  /** The project. What the run belongs to; in the first record or nowhere. */
  project?: string | Nothing;
  /** The id of the run. Required in the first record of a stream; in the first record or nowhere. */
  id?: string | Nothing;
  /**
   * The writer. Tells the files of one run apart; in the first record or nowhere. ~ is that of what people changed in a
   * tracker.
   */
  writer?: string | Nothing;
  /** A title for people. Any text. */
  name?: string | Nothing;
  /** A description. Text, read as Markdown. */
  description?: string | Nothing;
  /** The group. Runs that belong together, such as the seeds of one setting. */
  group?: string | Nothing;
  /** The status. How the run goes, or went. */
  status?: Status | Nothing;
  /** When the run began. A moment with its offset from UTC. */
  started_at?: string | Nothing;
  /** When the run ended. A moment with its offset from UTC. */
  ended_at?: string | Nothing;
  /** The error. Why the run failed: a message, or its type, message and traceback. */
  error?: RunError | Nothing;
  /** The parent. The run that this one goes on from, after a step; without step, the run that it is a child of. */
  parent?: Parent | Nothing;
  /** Tags. Tags that are set. */
  tags?: string | readonly string[] | Nothing;
  /** Untags. Tags that are taken back; within a record they act before tags. */
  untags?: string | readonly string[] | Nothing;
  /** Parameters. The inputs of the run, nested at will; each leaf is written once. */
  parameters?: { [name: string]: Value } | Nothing;
  /** Properties. What may change, or is known only later; null takes an entry back. */
  properties?: { [name: string]: Value } | Nothing;
  /** Source. The code: repository, commit, script, arguments. */
  source?: { [name: string]: Value } | Nothing;
  /** Environment. Host, packages, hardware. */
  environment?: { [name: string]: Value } | Nothing;
  /** Artifacts. Files that the run made or used; null takes an entry back. */
  artifacts?: { [name: string]: FileEntry | Nothing } | Nothing;
  /** Series. Numbers over steps or time. */
  series?: { [name: string]: Series } | Nothing;
  /** Text. Texts over steps or time. */
  text?: { [name: string]: Texts } | Nothing;
  /** Images. Images over steps or time. */
  images?: { [name: string]: Images } | Nothing;
  /** Histograms. Histograms over steps or time. */
  histograms?: { [name: string]: Histograms } | Nothing;
  /** The step. Of those points of this record that have none of their own. */
  step?: number | Nothing;
  /** The time. Of those points of this record that have none of their own: seconds since 1970 UTC. */
  time?: number | Nothing;
  [extension: `${string}:${string}`]: Value;
}

/** A status. running, succeeded, failed or aborted */
export type Status = "running" | "succeeded" | "failed" | "aborted";

/** An error. A message, or an object. */
export type RunError = string | ErrorObject;

export interface ErrorObject {
  /** Its type. Such as the class of an exception. */
  type?: string | Nothing;
  /** Its message. What went wrong. */
  message?: string | Nothing;
  /** Its traceback. A text, or its lines. */
  traceback?: string | readonly string[] | Nothing;
  [extension: `${string}:${string}`]: Value;
}

/** A parent. The run that this one goes on from. */
export interface Parent {
  /** 1 to 128 of the letters A to Z, digits, . _ and -, a letter or digit first. The id of a run, or a writer. */
  id: string;
  /** The step after which it goes on. A finite number. */
  step?: number | Nothing;
  [extension: `${string}:${string}`]: Value;
}

/** A value. Any JSON; SPEC 5.2. */
export type Value =
  | boolean
  | number
  | string
  | null
  | readonly Value[]
  | TaggedFloat
  | TaggedInteger
  | TaggedTime
  | PlainObject;

/** {"$float": "NaN"}, "Infinity" or "-Infinity". A double that JSON lacks. */
export interface TaggedFloat {
  $float: "NaN" | "Infinity" | "-Infinity";
}

/** {"$int": "digits"}, at most 1000. An exact integer. */
export interface TaggedInteger {
  $int: `${bigint}`;
}

/** {"$datetime": "2026-11-21T03:13:41Z"}. A moment. */
export interface TaggedTime {
  /** A time text. SPEC 5.5. */
  $datetime: string;
}

export type PlainObject = { [name: string]: Value } & { $float?: never; $int?: never; $datetime?: never };

/** A path, or an object with path, data or uri. SPEC section 7. */
export type FileEntry = string | FileAtPath | FileAsData | FileAtUri;

/** What every FileEntry that is an object may have. */
export interface FileMembers {
  /** The SHA-256 of the bytes: 64 hexadecimal digits. In any letter case. */
  sha256?: string | Nothing;
  /** The size in bytes. A whole number. */
  bytes?: number | Nothing;
  /** A description. Any text. */
  description?: string | Nothing;
  /** The width in pixels. A whole number. */
  width?: number | Nothing;
  /** The height in pixels. A whole number. */
  height?: number | Nothing;
  /** Metadata. Any values. */
  metadata?: { [name: string]: Value } | Nothing;
  [extension: `${string}:${string}`]: Value;
}

/** Exactly one of path, data and uri; data with media_type. SPEC section 7. */
export interface FileAtPath extends FileMembers {
  /** A path below the folder of the run file, its parts divided by /. SPEC 7.1. */
  path: string;
  /** The bytes. In base64. */
  data?: Nothing;
  /** Where the file is. Recorded, never fetched. */
  uri?: Nothing;
  /** The media type. What the bytes are. */
  media_type?: string | Nothing;
}

/** Exactly one of path, data and uri; data with media_type. SPEC section 7. */
export interface FileAsData extends FileMembers {
  /** A path below the folder of the run file, its parts divided by /. SPEC 7.1. */
  path?: Nothing;
  /** The bytes. In base64. */
  data: string;
  /** The media type. What the bytes are. */
  media_type: string;
  /** Where the file is. Recorded, never fetched. */
  uri?: Nothing;
}

/** Exactly one of path, data and uri; data with media_type. SPEC section 7. */
export interface FileAtUri extends FileMembers {
  /** A path below the folder of the run file, its parts divided by /. SPEC 7.1. */
  path?: Nothing;
  /** The bytes. In base64. */
  data?: Nothing;
  /** Where the file is. Recorded, never fetched. */
  uri: string;
  /** The media type. What the bytes are. */
  media_type?: string | Nothing;
}

/** A number, an array of numbers, or columns. SPEC 6.1. */
export type Series = SeriesPoint | readonly SeriesPoint[] | SeriesColumns | Empty;

/** Columns of points. SPEC 6.1; what values may hold depends on the kind of points. */
export interface SeriesColumns extends Columns {
  values: SeriesPoint | readonly SeriesPoint[] | Empty;
}

/** A text, an array of texts, or columns. SPEC 6.1. */
export type Texts = string | readonly string[] | TextColumns | Empty;

/** Columns of points. SPEC 6.1; what values may hold depends on the kind of points. */
export interface TextColumns extends Columns {
  values: string | readonly string[] | Empty;
}

/** An image, an array of images, or columns. SPEC 6.1. */
export type Images = FileEntry | readonly FileEntry[] | ImageColumns | Empty;

/** Columns of points. SPEC 6.1; what values may hold depends on the kind of points. */
export interface ImageColumns extends Columns {
  values: FileEntry | readonly FileEntry[] | Empty;
}

/** A histogram, an array of histograms, or columns. SPEC 6.1. */
export type Histograms = Histogram | readonly Histogram[] | HistogramColumns | Empty;

/** Columns of points. SPEC 6.1; what values may hold depends on the kind of points. */
export interface HistogramColumns extends Columns {
  values: Histogram | readonly Histogram[] | Empty;
}

/** A number, "NaN", "Infinity" or "-Infinity". SPEC 5.2. */
export type SeriesPoint = number | NonFinite;

/** Columns of points. SPEC 6.1; what values may hold depends on the kind of points. */
export interface Columns {
  /** Steps. A column as long as values; null for a point without a step. */
  steps?: number | readonly (number | null)[] | Nothing;
  /** Times. A column as long as values; null for a point without a time. */
  times?: number | readonly (number | null)[] | Nothing;
  /** The unit. As in UCUM or SI. */
  unit?: string | Nothing;
  /** The goal. Which end is the best. */
  goal?: "minimize" | "maximize" | Nothing;
  /** A description. Any text. */
  description?: string | Nothing;
  /** The media type. How to read the points. */
  media_type?: string | Nothing;
  /** The series to draw it over. Paired by step. */
  x?: string | Nothing;
  [extension: `${string}:${string}`]: Value;
}

/** A histogram. n + 1 edges that never fall, and n counts. */
export interface Histogram {
  /** Numbers. An array, or one number for an array of one. */
  edges: number | NonFinite | readonly (number | NonFinite)[];
  /** Numbers. An array, or one number for an array of one. */
  counts: number | NonFinite | readonly (number | NonFinite)[];
  [extension: `${string}:${string}`]: Value;
}
