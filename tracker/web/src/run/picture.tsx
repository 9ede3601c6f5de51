import { useSignal } from "@preact/signals";
import { Icon } from "../design/icons";
import { Drawn } from "../pictures/drawn";
import { isDrawable, type Picture } from "../pictures/picture";
import { isInline } from "./files";

// An image of fewer pixels is enlarged by whole pixels, so that each can be seen.
const SMALL = 128;

interface Props {
  picture: Picture;
  /** What the images are called. */
  name: string;
  step: number;
  isLarge?: boolean;
}

/** An image of a run; of what browsers do not draw, a link to it. */
export function Shot({ picture, name, step, isLarge = false }: Props) {
  const isSmall = useSignal((picture.width ?? SMALL) < SMALL);
  if (picture.uri !== null)
    return (
      <span class="shot-link">
        <Icon name="up" /> The image is elsewhere: <bdi>{picture.uri}</bdi>
      </span>
    );
  if (!isDrawable(picture))
    return (
      <span class="shot-link">
        <Icon name="download" /> {picture.path.split("/").pop() || "An image"} is of a type that browsers do not draw.
        <a class="button" href={picture.address} download aria-label={`Download ${name}`}>
          Download
        </a>
      </span>
    );
  return (
    <Drawn
      address={picture.address}
      type={picture.type}
      alt={picture.says || `${name} at step ${step}`}
      className={`shot-image${isSmall.value ? " is-small" : ""}${isLarge ? " is-large" : ""}`}
      isLazy
      onSize={(size) => {
        // Drawings of lines are sharp at each size.
        if (size && isInline(picture.type)) isSmall.value = size.width < SMALL;
      }}
    />
  );
}
