/** Put the exact values into a copy: the cells that are marked, with tabs between them, as spreadsheets take them. */
export function copyExact(event: ClipboardEvent): void {
  const marked = getSelection();
  if (!marked || marked.isCollapsed || !(event.currentTarget instanceof HTMLElement)) return;
  const range = marked.getRangeAt(0);
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>(".grid-body .grid-row")].map((row) =>
    [...row.querySelectorAll<HTMLElement>("[data-exact]")]
      .filter((cell) => range.intersectsNode(cell))
      .map((cell) => cell.dataset["exact"] ?? ""),
  );
  const text = lines
    .filter((line) => line.length > 0)
    .map((line) => line.join("\t"))
    .join("\n");
  if (text === "") return;
  event.preventDefault();
  event.clipboardData?.setData("text/plain", text);
}
