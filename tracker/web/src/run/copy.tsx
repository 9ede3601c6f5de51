import { tell, tellFault } from "../app/notices";
import { Icon } from "../design/icons";

/** Put a text into the clipboard, and say so. */
export async function copied(text: string, says: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(says);
  } catch (error) {
    tellFault(error);
  }
}

/** A small button that copies a text. */
export function CopyButton({ text, what, tabIndex }: { text: string; what: string; tabIndex?: number }) {
  const label = `Copy ${what}`;
  return (
    <button
      class="icon-button is-small"
      aria-label={label}
      title={label}
      tabIndex={tabIndex}
      onClick={(event) => {
        event.stopPropagation();
        void copied(text, `Copied ${what}.`);
      }}
    >
      <Icon name="copy" size={13} />
    </button>
  );
}
