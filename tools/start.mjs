// `npm start`: sets itself up, then walks one ping through the demo cluster, a line a hop. Arguments
// after `--` go to the command: options are added to the plain demo trace, anything else replaces it (`npm start -- show route …`).
import { ensureBuilt, ensureInstalled, run } from './setup.mjs'

const DEMO = [
  'trace',
  '-f',
  'examples/demo/ipip.yaml',
  '--from',
  'default/busybox-deployment-8c7dc8548-x6ljh',
  '--to',
  'default/busybox-deployment-8c7dc8548-btnkv',
]

ensureInstalled()
ensureBuilt()
const extra = process.argv.slice(2)
const replaces = extra.length > 0 && (!extra[0].startsWith('-') || ['--help', '-h', '--version'].includes(extra[0]))
const looks = extra.some((word) => /^(-v|-o|-w|--view|--verbose|--output|--write)/.test(word)) ? [] : ['--view', 'hops']
const demo = [...DEMO, ...looks, ...extra]
process.exit(run(process.execPath, ['dist/packetwalk.mjs', ...(replaces ? extra : demo)]))
