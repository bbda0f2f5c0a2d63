// Stages the documents as they are; only their links to other files are turned to where those lie on the site.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { root } from '../setup.mjs'

/** Documents outside of docs/, and the page each becomes. */
const OUTSIDE = { 'CONTRIBUTING.md': 'contributing.md', 'CHANGELOG.md': 'changelog.md' }

/** Makes an empty folder for pages, with one for files that are served as they are. */
export function newFolder(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'public'), { recursive: true })
}

/** Writes a file and the folders above it. */
export function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Where a file of the repository lies on the site; what is no page is copied to `files/`. */
function placeOf(file, folder) {
  if (file === 'README.md') return 'index.md'
  if (OUTSIDE[file] !== undefined) return OUTSIDE[file]
  const notebook = /^examples\/notebooks\/(.*)\.ipynb$/.exec(file)
  if (notebook !== null) return `course/${notebook[1]}.md`
  if (/^examples\/notebooks\/?(README\.md)?$/.test(file)) return 'course/index.md'
  if (/^docs\/[^/]*\.(md|svg)$/.test(file)) return file.slice('docs/'.length)
  const from = join(root, file)
  if (!existsSync(from)) throw new Error(`no such file: ${file}`)
  if (statSync(from).isDirectory()) return undefined
  mkdirSync(dirname(join(folder, 'public/files', file)), { recursive: true })
  cpSync(from, join(folder, 'public/files', file))
  return `files/${file}`
}

/** The text of a document at `file` of the repository, as the page at `page` of the site. Links to folders become plain text. */
export function relink(text, file, page, folder) {
  return text.replace(/\[([^\]]*)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)/g, (_, words, target, anchor = '') => {
    const place = placeOf(posix.join(posix.dirname(file), target), folder)
    return place === undefined ? words : `[${words}](${posix.relative(posix.dirname(page), place)}${anchor})`
  })
}

/** Writes every document into the folder; gives their number. */
export function stageDocuments(folder) {
  const names = readdirSync(join(root, 'docs'))
  const documents = names.filter((name) => name.endsWith('.md')).map((name) => [`docs/${name}`, name])
  const all = [...documents, ...Object.entries(OUTSIDE)]
  for (const [file, page] of all) {
    write(join(folder, page), relink(readFileSync(join(root, file), 'utf8'), file, page, folder))
  }
  for (const name of names.filter((name) => name.endsWith('.svg'))) {
    cpSync(join(root, 'docs', name), join(folder, 'public', name))
  }
  return all.length
}

/** Pages that only the site has, and files of Mermaid, which is loaded by the pages with a diagram. */
export function stageOwnPages(folder) {
  cpSync(join(root, 'site/pages'), folder, { recursive: true })
  const mermaid = join(root, 'node_modules/mermaid/dist')
  cpSync(join(mermaid, 'mermaid.esm.min.mjs'), join(folder, 'public/mermaid/mermaid.esm.min.mjs'))
  cpSync(join(mermaid, 'chunks/mermaid.esm.min'), join(folder, 'public/mermaid/chunks/mermaid.esm.min'), {
    recursive: true,
    filter: (path) => !path.endsWith('.map'),
  })
}
