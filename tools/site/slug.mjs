// Names of headings in links, as GitHub makes them: the documents are read there, too.

/** The anchor of a heading. */
export const slug = (text) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
