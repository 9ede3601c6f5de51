/** In a report there is no page to go to. */
export function hasPage(): boolean {
  return false;
}
