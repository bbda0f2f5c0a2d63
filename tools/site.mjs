// `npm run site`: makes site/dist/, a folder of static pages that works under any path of any server, and without one.
// usage: npm run site [-- --no-playground]
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, root } from './setup.mjs'

ensureInstalled()
ensureBuilt()
// What follows imports packages.
const { makeRelative } = await import('./site/anywhere.mjs')
const { stageApi } = await import('./site/api.mjs')
const { faultsOf } = await import('./site/check-links.mjs')
const { stageCourse } = await import('./site/course.mjs')
const { stageFirstPage, stageGallery } = await import('./site/gallery.mjs')
const { looked } = await import('./site/look.mjs')
const { newFolder, stageDocuments, stageOwnPages } = await import('./site/pages.mjs')
const { program } = await import('./site/program.mjs')

const staged = join(root, '.packetwalk/site')
const dist = join(root, 'site/dist')
const playground = join(root, 'tools/playground.mjs')
const began = performance.now()

const say = (line) => process.stdout.write(`${line}\n`)

/** Does a part, and says how long it took. */
async function part(name, work) {
  const from = performance.now()
  const more = await work()
  say(
    `${((performance.now() - from) / 1000).toFixed(1).padStart(6)} s  ${name}${more === undefined ? '' : `: ${more}`}`,
  )
}

function pages() {
  stageOwnPages(staged)
  const documents = stageDocuments(staged)
  return `${documents} documents, ${stageCourse(staged)} notebooks`
}

async function play() {
  if (process.argv.includes('--no-playground') || !existsSync(playground)) return 'left out'
  const printed = await program(playground, [])
  for (const [line] of printed.matchAll(/^playground .*$/gm)) say(`          ${line}`)
  return `${sizeOf(join(dist, 'play'))} in site/dist/play/`
}

function links() {
  const { faults, pages, links } = faultsOf(dist, existsSync(join(dist, 'play')) ? [] : ['play'])
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (faults.length > 0) throw new Error(`${faults.length} links lead nowhere`)
  return `${links} on ${pages} pages lead somewhere, and nothing is asked of other hosts`
}

async function look() {
  const faults = await looked(dist)
  if (faults === undefined) return 'NOT LOOKED AT: no /usr/bin/chromium here'
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (faults.length > 0) throw new Error(`${faults.length} faults in the browser`)
  return 'at 360 and 1280 pixels, light and dark, under a path and from a folder: nothing overflows, fails or asks another host'
}

function sizeOf(folder) {
  const files = readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, String(name))))
  const bytes = files.filter((file) => file.isFile()).reduce((sum, { size }) => sum + size, 0)
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

newFolder(staged)
rmSync(dist, { recursive: true, force: true })
const api = part('api (TypeDoc)', () => stageApi(staged))
await part('pages', pages)
if (existsSync(join(root, 'dist/teach/index.js'))) await part('gallery', () => stageGallery(staged))
await stageFirstPage(staged)
await api
await part('site (VitePress)', async () => {
  await program(join(root, 'node_modules/vitepress/bin/vitepress.js'), ['build', 'site'])
})
await part('paths', () => makeRelative(dist))
await part('playground', play)
await part('links', links)
await part('browser', look)
say(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  in all; site/dist/ has ${sizeOf(dist)}`)
