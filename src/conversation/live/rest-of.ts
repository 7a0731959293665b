/** What of `words` follows on `begun`, whatever their case and punctuation; null when they do not begin like that. */
export function restOf(words: string, begun: string): string | null {
  const all = words.split(" ");
  let at = 0;
  for (const word of begun.split(" ").map(bare)) {
    if (word === "") continue;
    while (at < all.length && bare(all[at] ?? "") === "") at += 1;
    if (bare(all[at] ?? "") !== word) return null;
    at += 1;
  }
  const rest = all.slice(at).join(" ");
  return bare(rest) === "" ? "" : rest;
}

const bare = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
