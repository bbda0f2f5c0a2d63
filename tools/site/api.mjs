// The API as pages, a page an entry point. TypeDoc also holds every public export to having a comment.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup.mjs'
import { write } from './pages.mjs'
import { program } from './program.mjs'
import { slug } from './slug.mjs'

/** The page of the door `packetwalk`, which TypeDoc names after its file. */
const FRONT = { 'index-1.md': 'packetwalk.md' }

const doorOf = (page) => (page === 'packetwalk.md' ? 'packetwalk' : `packetwalk/${page.slice(0, -3)}`)

/** Headings that name no export ("Interfaces", "Properties") get places that no export has; links go to constructors as they are. */
function withPlaces(text) {
  const seen = new Map()
  return text.replace(/^(#{2,6} )(?!Constructor$)([A-Z][A-Za-z ]*)$/gm, (_, hashes, title) => {
    const count = (seen.get(title) ?? 0) + 1
    seen.set(title, count)
    return `${hashes}${title} {#all-${slug(title)}${count === 1 ? '' : `-${count}`}}`
  })
}

/** The page of an entry point under the name it is imported by. */
function rename(folder, name) {
  const page = FRONT[name] ?? name
  const text = withPlaces(readFileSync(join(folder, name), 'utf8'))
    .replace(/\{#[\w-]+\}$/gm, (place) => place.replaceAll('_', '-'))
    .replaceAll('](index-1.md', `](${FRONT['index-1.md']}`)
    .replace(/^# .*$/m, `# ${doorOf(page)}`)
  rmSync(join(folder, name))
  writeFileSync(join(folder, page), text)
  return page
}

/** The table of entry points, as the README has it. */
function overview(pages) {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const rows = pages.map((page) => {
    const what = new RegExp(`^\\| \`${doorOf(page)}\` \\| (.*) \\|$`, 'm').exec(readme)?.[1]
    if (what === undefined) throw new Error(`README.md has no row for ${doorOf(page)}`)
    return `| [\`${doorOf(page)}\`](${page}) | ${what} |`
  })
  return `# API\n\n| entry point | for |\n| --- | --- |\n${rows.join('\n')}\n`
}

/** Writes the pages; gives their number. */
export async function stageApi(staged) {
  const folder = join(staged, 'api')
  await program(join(root, 'node_modules/typedoc/bin/typedoc'), [
    '--options',
    'site/typedoc.json',
    '--skipErrorChecking',
  ])
  rmSync(join(folder, 'index.md'))
  const pages = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => rename(folder, name))
  const order = [...pages].sort(
    (a, b) => Number(b === 'packetwalk.md') - Number(a === 'packetwalk.md') || (a < b ? -1 : 1),
  )
  write(join(folder, 'index.md'), overview(order))
  return `${pages.length} entry points, every public export is documented`
}
