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

/** A line that is no row of a table: where there is no room, it is broken, and a table pushed sideways. */
const isSentence = (line) => !/\S {3}/.test(line) && (line.length > 100 || (line.length > 40 && /[.?!]$/.test(line)))

/** What was printed. */
function printed(text) {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => (isSentence(line) ? `<span class="sentence">${escaped(line)}</span>` : `${escaped(line)}\n`))
  return kept('printed', `<pre>${lines.join('')}</pre>`)
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** How the pictures of a run and of a timeline begin. */
const SECTION = '<section class="p'

/** Markup as one line that neither Markdown nor Vue changes. */
const kept = (name, html) => `<div class="${name}" v-pre>${html.trim().replaceAll('\n', '&#10;')}</div>`

/** What a page of VitePress makes of `prefers-color-scheme`: it has a switch of its own. */
const switched = (css) =>
  css.replace(/@media \(prefers-color-scheme:dark\)\{((?:[^{}]*\{[^{}]*\})*)\}/g, (_, rules) =>
    rules.replace(/[^{}]+(?=\{)/g, (selectors) =>
      selectors
        .split(',')
        .map((one) => `.dark ${one.trim()}`)
        .join(','),
    ),
  )

/** A picture: what was printed above it, and its markup; its style sheets go to `style`. */
function picture(html, style) {
  const above = /<pre>[\s\S]*?<\/pre>/.exec(html.slice(0, html.indexOf(SECTION)))?.[0]
  const markup = html.slice(html.indexOf(SECTION)).replace(/<style>([\s\S]*?)<\/style>/g, (_, css) => {
    style(switched(css))
    return ''
  })
  return [...(above === undefined ? [] : [kept('printed', above)]), kept('picture', markup)].join('\n\n')
}

/** An output of a cell. */
function output({ text, data }, style) {
  if (text !== undefined) return printed(textOf(text))
  const html = textOf(data?.['text/html'] ?? '')
  if (html.includes(SECTION)) return picture(html, style)
  if (data?.['text/markdown'] !== undefined) return textOf(data['text/markdown'])
  return data?.['text/plain'] === undefined ? '' : printed(textOf(data['text/plain']))
}

function cell({ cell_type: type, source, outputs = [] }, { link, style }) {
  const text = textOf(source)
  if (type === 'markdown') return link(text)
  return [fenced(text, 'ts'), ...outputs.map((one) => output(one, style))].filter((part) => part !== '').join('\n\n')
}

const titleOf = (page) => /^# (.*)$/m.exec(page)?.[1] ?? 'Notebook'

/** The first sentence below the title. */
const sentenceOf = (page) =>
  /^# .*\n+(?!#)((?:.+\n?)+)/m
    .exec(page)?.[1]
    ?.replaceAll('\n', ' ')
    .replace(/(?<=[.?!]) .*$/, '') ?? ''

/** What a page begins with: its pictures need the room beside the text, and their style sheet. */
const HEAD = `---
aside: false
pageClass: course
---

<script setup>
import './picture.css'
</script>

`

function stageNotebook(name, folder, style) {
  const { cells } = JSON.parse(readFileSync(join(root, FOLDER, `${name}.ipynb`), 'utf8'))
  const link = (text) => relink(text, `${FOLDER}/${name}.ipynb`, `course/${name}.md`, folder)
  const page = cells.map((one) => cell(one, { link, style })).join('\n\n')
  write(join(folder, 'public/course', `${name}.ipynb`), readFileSync(join(root, FOLDER, `${name}.ipynb`)))
  write(
    join(folder, 'course', `${name}.md`),
    `${HEAD}${page}\n\n---\n\n<a href="./${name}.ipynb" download>The notebook itself</a>, for Jupyter.\n`,
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
  const styles = new Set()
  const style = (css) => styles.add(css)
  const rows = files.sort().map((name) => stageNotebook(name.slice(0, -'.ipynb'.length), folder, style))
  write(join(folder, 'course/picture.css'), [...styles].join('\n'))
  write(join(folder, 'course/index.md'), overview(rows, folder))
  return files.length
}
