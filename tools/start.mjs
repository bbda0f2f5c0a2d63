// `npm start`: sets itself up, then shows a cluster, the packet of a ping where it is wrapped most, and its way, a line a hop. Arguments
// after `--` go to the command: options are added to the trace of the demo, anything else replaces it (`npm start -- show route …`).
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, root, run } from './setup.mjs'

const COLUMNS = 100
const FILE = 'examples/demo/ipip.yaml'
const FROM = 'default/busybox-deployment-8c7dc8548-x6ljh'
const TO = 'default/busybox-deployment-8c7dc8548-btnkv'
const DEMO = ['trace', '-f', FILE, '--from', FROM, '--to', TO]

/** Stands below what the trace names as next. */
const IN_A_BROWSER = '      in a browser: npm start -- playground --open\n'

/** The cluster of the demo, and the packet of its ping as boxes. */
async function clusterAndPacket() {
  const { Lab } = await import('../dist/index.js')
  const { renderPacketText } = await import('../dist/render/index.js')
  const { renderTopology } = await import('../dist/views/index.js')
  const lab = Lab.load({ name: FILE, text: readFileSync(join(root, FILE), 'utf8') })
  const topology = renderTopology(lab, { format: 'text', width: COLUMNS })
  return `${topology}\n${renderPacketText(lab.ping(FROM, TO).trace)}\n`
}

/** Runs the built command; gives its exit code. */
const packetwalk = (args) => run(process.execPath, ['dist/packetwalk.mjs', ...args])

async function firstScreen() {
  process.stdout.write(await clusterAndPacket())
  const code = packetwalk([...DEMO, '--view', 'hops'])
  process.stdout.write(IN_A_BROWSER)
  return code
}

/** The page of `playground`, built where it is not, or is older than what it shows. */
function ensurePage() {
  const timeOf = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (timeOf('site/dist/play/index.html') > timeOf('dist/packetwalk.mjs')) return 0
  process.stderr.write('packetwalk: building the page, once\n')
  return run(process.execPath, ['tools/playground.mjs'], { quiet: true })
}

function withArguments(words) {
  if (words[0] === 'playground' && !words.some((word) => ['--help', '-h'].includes(word))) {
    const code = ensurePage()
    if (code !== 0) return code
  }
  if (!words[0].startsWith('-') || ['--help', '-h', '--version'].includes(words[0])) return packetwalk(words)
  const isViewed = words.some((word) => /^(-v|-o|-w|--view|--verbose|--output|--write)/.test(word))
  return packetwalk([...DEMO, ...(isViewed ? [] : ['--view', 'hops']), ...words])
}

ensureInstalled()
ensureBuilt()
const words = process.argv.slice(2)
process.exit(words.length === 0 ? await firstScreen() : withArguments(words))
