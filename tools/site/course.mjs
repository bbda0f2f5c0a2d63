// Notebooks as pages: text, code, and the outputs that are stored in them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup.mjs'
import { relink, write } from './pages.mjs'

const FOLDER = 'examples/notebooks'

const textOf = (source) => [source].flat().join('')

/** A fenced block; the fence is longer than any in the text. */
function fenced(text, language) {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text.replace(/\n*$/, '\n')}${fence}`
}

/** An output of a cell; pictures become files beside the page. */
function output({ text, data }, file) {
  if (text !== undefined) return fenced(textOf(text), 'text')
  const svg = data?.['image/svg+xml']
  if (svg !== undefined) return file(textOf(svg))
  if (data?.['text/markdown'] !== undefined) return textOf(data['text/markdown'])
  return data?.['text/plain'] === undefined ? '' : fenced(textOf(data['text/plain']), 'text')
}

function cell({ cell_type: type, source, outputs = [] }, { link, file }) {
  const text = textOf(source)
  if (type === 'markdown') return link(text)
  return [fenced(text, 'ts'), ...outputs.map((one) => output(one, file))].filter((part) => part !== '').join('\n\n')
}

const titleOf = (page) => /^# (.*)$/m.exec(page)?.[1] ?? 'Notebook'

/** The first sentence below the title. */
const sentenceOf = (page) =>
  /^# .*\n+(?!#)((?:.+\n?)+)/m
    .exec(page)?.[1]
    ?.replaceAll('\n', ' ')
    .replace(/(?<=[.?!]) .*$/, '') ?? ''

function stageNotebook(name, folder) {
  const { cells } = JSON.parse(readFileSync(join(root, FOLDER, `${name}.ipynb`), 'utf8'))
  const pictures = []
  const file = (svg) => {
    const picture = `course/${name}-${pictures.length + 1}.svg`
    pictures.push(picture)
    write(join(folder, 'public', picture), svg)
    return `![${/aria-label="([^"]*)"/.exec(svg)?.[1] ?? 'a picture'}](/${picture})`
  }
  const link = (text) => relink(text, `${FOLDER}/${name}.ipynb`, `course/${name}.md`, folder)
  const page = cells.map((one) => cell(one, { link, file })).join('\n\n')
  write(join(folder, 'public/course', `${name}.ipynb`), readFileSync(join(root, FOLDER, `${name}.ipynb`)))
  write(
    join(folder, 'course', `${name}.md`),
    `${page}\n\n---\n\n<a href="./${name}.ipynb" download>The notebook itself</a>, for Jupyter.\n`,
  )
  return `- [${titleOf(page)}](${name}.md): ${sentenceOf(page)}`
}

/** The page above them: the README of the folder, or a list. */
function overview(rows, folder) {
  const readme = `${FOLDER}/README.md`
  if (existsSync(join(root, readme))) {
    return relink(readFileSync(join(root, readme), 'utf8'), readme, 'course/index.md', folder)
  }
  return `${readFileSync(join(root, 'site/pages/course/index.md'), 'utf8')}\n${rows.join('\n')}\n`
}

/** Writes a page for each notebook and one above them; gives their number. */
export function stageCourse(folder) {
  const files = readdirSync(join(root, FOLDER)).filter((name) => name.endsWith('.ipynb'))
  const rows = files.sort().map((name) => stageNotebook(name.slice(0, -'.ipynb'.length), folder))
  write(join(folder, 'course/index.md'), overview(rows, folder))
  return files.length
}
