import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isAborted } from "../api/client";
import { asProblem } from "../api/problem";
import { dataAddress, isInline, readHead, sizeText } from "../run/files";

// An image is drawn whole or not at all.
const MOST = 20_000_000;

/** The width and height of an image in pixels. */
export interface Size {
  width: number;
  height: number;
}

interface Props {
  address: string;
  type: string;
  alt: string;
  className?: string;
  style?: Record<string, string>;
  /** Whether it is fetched once it is near what is in sight. */
  isLazy?: boolean;
  /** Told how large it is; null where it could not be drawn. */
  onSize?: (size: Size | null) => void;
}

/**
 * An image; the one before stays until it is there. What the server sends as bytes alone is fetched: in an <img> no
 * script of it runs.
 */
export function Drawn({ address, type, alt, className, style, isLazy = false, onSize }: Props) {
  const fetched = useSignal<string | null>(null);
  const fault = useSignal("");
  useEffect(() => {
    fault.value = "";
    if (isInline(type)) return undefined;
    const controller = new AbortController();
    const fail = (says: string): void => {
      fault.value = says;
      onSize?.(null);
    };
    readHead(address, MOST, controller.signal)
      .then(({ bytes, isWhole }) => {
        if (isWhole) fetched.value = dataAddress(bytes, type);
        else fail(`The image is larger than ${sizeText(MOST)}. Download it to see it.`);
      })
      .catch((error: unknown) => {
        if (!isAborted(error)) fail(asProblem(error).message);
      });
    return () => controller.abort();
  }, [address, type]);
  if (fault.value !== "")
    return (
      <p class="fault" style={style}>
        {fault.value}
      </p>
    );
  const source = isInline(type) ? address : fetched.value;
  if (source === null) return className ? <span class={`${className} blank`} /> : null;
  return (
    <img
      class={className}
      src={source}
      alt={alt}
      style={style}
      loading={isLazy ? "lazy" : "eager"}
      decoding={isLazy ? "async" : "auto"}
      onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
        onSize?.({ width: naturalWidth || 300, height: naturalHeight || 150 })
      }
      onError={() => onSize?.(null)}
    />
  );
}
