// Which modules of the sources a first trace runs code of. The command keeps those together; the others are in a part that is read
// when one of their functions is called. Asked of V8, which counts calls: nobody has to keep a list.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

/** What people type first: a ping under each encapsulation, a connection, an answer for programs. */
const TRACES = [
  ['-f', 'examples/demo/ipip.yaml'],
  ['-f', 'examples/demo/vxlan.yaml', '--view', 'hops'],
  ['-f', 'examples/demo/noencap.yaml', '-o', 'json'],
  [
    ...['-f', 'examples/demo/ipip.yaml', '-v'],
    ...[
      '--to',
      'default/busybox-deployment-8c7dc8548-btnkv:80',
      '--from',
      'default/busybox-deployment-8c7dc8548-x6ljh',
    ],
  ],
]

/** Modules of which the command in `folder`, a build with a comment above each module, calls some function when it traces. */
export function modulesOfFirstTrace(folder) {
  const program = join(folder, 'packetwalk.mjs')
  const calls = join(folder, 'calls')
  for (const args of TRACES) {
    const env = { ...process.env, NODE_OPTIONS: '', PACKETWALK_CACHE: '', NODE_V8_COVERAGE: calls }
    const { status, stderr } = spawnSync(process.execPath, [program, 'trace', '-q', ...args], { cwd: root, env })
    if (status !== 0) throw new Error(`trace ${args.join(' ')}: ${stderr}`)
  }
  const used = new Set()
  for (const name of readdirSync(calls)) {
    const { result } = JSON.parse(readFileSync(join(calls, name), 'utf8'))
    for (const script of result.filter(({ url }) => url.endsWith('-trace.cjs'))) addUsed(script, used)
  }
  return used
}

function addUsed({ url, functions }, used) {
  const source = readFileSync(new URL(url), 'latin1')
  const heads = [...source.matchAll(/^\/\/ (src\/\S+)$/gm)]
  const ran = functions.map(({ ranges }) => ranges[0]).filter(({ count }) => count > 0)
  const starts = ran.map(({ startOffset }) => startOffset).sort((a, b) => a - b)
  // The first function is the part itself.
  let at = 1
  for (const [i, head] of heads.entries()) {
    const end = heads[i + 1]?.index ?? source.length
    while (at < starts.length && starts[at] < head.index) at++
    if (at < starts.length && starts[at] < end) used.add(head[1])
  }
}
