// Pictures of the pages: wide and for a phone, light and dark. The theme of the site shows one of the four (`Drawing`).
import { join } from 'node:path'
import { write } from './pages.mjs'

/** Pixels across of a picture on a phone of 360, between the margins of a page. */
const NARROW = 312

/** Writes the four pictures of a name and its place in a page. @param draw - a picture of some options, as `renderSvg` takes them */
export function stageDrawing(folder, { name, words, draw }) {
  for (const theme of ['light', 'dark']) {
    write(join(folder, `public/${name}-${theme}.svg`), draw({ theme }))
    write(join(folder, `public/${name}-narrow-${theme}.svg`), draw({ theme, width: NARROW }))
  }
  return `<Drawing name="/${name}" words="${words.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}" />`
}
