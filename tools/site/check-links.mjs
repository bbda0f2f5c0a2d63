// Every link of every page, to a page, a file or an anchor; and nothing that a page would ask of another host.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const LINK = /<a\s[^>]*?\bhref="([^"]*)"/g
const LOADED = /<(?:img|script|link|iframe|object|source|embed)\s[^>]*?\b(?:src|srcset|href|data)="([^"]*)"/g
const ANCHOR = /\s(?:id|name)="([^"]*)"/g
const URL_OF_STYLE = /(?:url\(\s*['"]?|@import\s+['"])([^'")]+)/g

const ENTITIES = { '&amp;': '&', '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>' }
const plain = (text) => text.replace(/&(?:amp|quot|#39|lt|gt);/g, (entity) => ENTITIES[entity])
const all = (text, pattern) => [...text.matchAll(pattern)].map((found) => plain(found[1]))
const isOutside = (target) => /^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target)

/** A file of the site, as a link of the page at `from` means it; undefined when there is none. */
function fileOf(folder, from, target) {
  const path = decodeURIComponent(target.replace(/[?#].*$/, ''))
  const file = path === '' ? from : join(dirname(from), path)
  if (relative(folder, file).startsWith('..') || !existsSync(file)) return undefined
  const page = statSync(file).isDirectory() ? join(file, 'index.html') : file
  return existsSync(page) ? page : undefined
}

/**
 * What is wrong with the pages of a folder, a line each, and how much was looked at.
 * @param absent - parts that were not built this time: links into them are not followed
 */
export function faultsOf(folder, absent = []) {
  const names = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))
  const pages = names.filter((name) => name.endsWith('.html'))
  const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]))
  const anchors = new Map([...texts].map(([page, text]) => [page, new Set(all(text, ANCHOR))]))
  const faults = []
  let links = 0
  for (const [page, text] of texts) {
    const where = relative(folder, page)
    const loaded = all(text, LOADED)
    for (const target of loaded.filter(isOutside)) {
      if (!target.startsWith('data:')) faults.push(`${where}: asks another host: ${target}`)
    }
    for (const target of [...all(text, LINK), ...loaded].filter((target) => !isOutside(target))) {
      if (absent.some((part) => relative(folder, join(dirname(page), target)).startsWith(part))) continue
      links += 1
      const file = target.startsWith('/') ? undefined : fileOf(folder, page, target)
      const anchor = decodeURIComponent(/#(.*)$/.exec(target)?.[1] ?? '')
      if (file === undefined) faults.push(`${where}: no such page: ${target}`)
      // Behind `#` of the playground stands its state, `view=time`, and no place.
      else if (anchor !== '' && !anchor.includes('=') && anchors.has(file) && !anchors.get(file).has(anchor)) {
        faults.push(`${where}: no such place: ${target}`)
      }
    }
  }
  for (const style of names.filter((name) => name.endsWith('.css'))) {
    for (const target of all(readFileSync(style, 'utf8'), URL_OF_STYLE).filter(isOutside)) {
      if (!target.startsWith('data:')) faults.push(`${relative(folder, style)}: asks another host: ${target}`)
    }
  }
  return { faults: [...new Set(faults)], pages: pages.length, links }
}
