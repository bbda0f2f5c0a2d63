// Whole inputs, damaged, through everything the command does with them: read, simulate, judge, render.
import { readFileSync } from 'node:fs'
import { gzipSync, zipSync } from 'fflate'
import { Lab } from '../../../src/lab/index.ts'
import {
  renderHtml,
  renderMermaid,
  renderPcapng,
  renderSvg,
  renderTcpdump,
  renderText,
} from '../../../src/render/index.ts'
import { type LabSnapshot, runTranscript, Shell } from '../../../src/shell/index.ts'
import { parseTrace, type Trace, traceToJson } from '../../../src/trace/index.ts'
import { packTar } from '../../../tools/tar.mjs'
import { type CapturedState, capturedState, dumpOf } from '../../support/dumps.ts'
import type { Random } from '../random.ts'
import { CLUSTER } from './cluster.ts'
import { COMMANDS } from './commands.ts'
import { mutateFile, mutateText, mutateTree, ODD_WORDS } from './odd.ts'

/** A kind of input. `run` makes one from the random source and gives it to packetwalk; it throws nothing but InputError. */
export interface Subject {
  /** What it is. */
  readonly name: string
  /** Makes one input and uses it; `note` is told what it is, so that a failure can be repeated. */
  readonly run: (random: Random, note: (input: string) => void) => void
}

const demo = readFileSync(new URL('../../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const small = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: CLUSTER })

/** Control characters, and what would run in a page. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
const ACTIVE = /<script|<img|javascript:/i

function checkForms(trace: Trace): void {
  const text = renderText(trace, { view: 'bytes' }) + renderText(trace, { view: 'hops' }) + renderTcpdump(trace)
  if (CONTROL.test(text)) throw new Error(`a control character in the text: ${JSON.stringify(CONTROL.exec(text)?.[0])}`)
  const page = renderHtml(trace) + renderSvg(trace)
  if (CONTROL.test(page)) throw new Error('a control character in the page')
  if (ACTIVE.test(page)) throw new Error('markup of the input in the page')
  renderMermaid(trace)
  renderPcapng(trace)
  traceToJson(trace)
}

/** Asks between the first and the last, and of everybody's table. */
function use(lab: Lab, random: Random): void {
  const names = Object.keys(lab.network.namespaces)
  const ends = lab.pods.length > 1 ? lab.pods : names
  if (ends.length === 0) return
  const [from, to] = [random.pick(ends), random.oneIn(8) ? 'deploy/a' : random.pick(ends)]
  const run = random.oneIn(3) ? lab.tcp(from, to, 80) : random.oneIn(2) ? lab.udp(from, to, 53) : lab.ping(from, to)
  if (random.oneIn(4)) checkForms(run.trace)
  else renderText(run.trace)
}

/** Inputs after which the small cluster is built again. */
const WORN = 200

let built: { readonly lab: Lab; readonly moment: LabSnapshot; uses: number } | undefined

/** The small cluster as it was built; what was built once is stepped back to, which is a test of that, too. */
function smallLab(): Lab {
  if (built === undefined || built.uses >= WORN) {
    const lab = Lab.load(small)
    built = { lab, moment: lab.snapshot(), uses: 0 }
  }
  built.uses++
  return built.lab.restore(built.moment)
}

/** Nodes where there are any, else routers. */
function machineOf({ namespaces }: CapturedState): (role: string) => boolean {
  const wanted = namespaces.some(({ role }) => role === 'node') ? 'node' : 'router'
  return (role) => role === wanted
}

const captured = ['18-services-ipip', '08-wireguard', '17c-ipv6-vxlan', '21-policy-routing'].map(capturedState)
/** Of the many settings of a machine every fourth, and all that concern every device: reading the others finds nothing new. */
function fewSysctls([path, bytes]: [string, Uint8Array]): [string, Uint8Array] {
  if (!path.endsWith('/sysctl.txt')) return [path, bytes]
  const lines = Buffer.from(bytes).toString().split('\n')
  return [path, Buffer.from(lines.filter((line, i) => i % 4 === 0 || /ip_forward|conf\.all/.test(line)).join('\n'))]
}

const DUMPS = captured
  .flatMap((state) => (['json', 'text'] as const).map((format) => dumpOf(state, machineOf(state), format)))
  .filter((files) => files.size > 0)
  .map((files) => new Map([...files].map(fewSysctls)))

function damagedDump(random: Random): Map<string, Uint8Array> {
  const files = new Map(random.pick(DUMPS))
  const paths = [...files.keys()]
  for (let i = 0; i < 1 + random.below(3); i++) {
    const path = random.pick(paths)
    const bytes = files.get(path)
    if (bytes === undefined) continue
    if (random.oneIn(12)) files.delete(path)
    else if (random.oneIn(20)) files.set(`${path.split('/')[0]}/${random.pick(ODD_WORDS)}`, bytes)
    else files.set(path, mutateFile(random, bytes))
  }
  return files
}

function listing(files: ReadonlyMap<string, Uint8Array>): string {
  return JSON.stringify([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('latin1').slice(0, 4000)]))
}

const ARCHIVES = DUMPS.slice(0, 4).flatMap((files) => {
  const few = [...files]
  return [Buffer.from(packTar(few)), Buffer.from(gzipSync(packTar(few))), Buffer.from(zipSync(Object.fromEntries(few)))]
})

function damagedArchive(random: Random): Uint8Array {
  const bytes = Buffer.from(random.pick(ARCHIVES))
  const changes = random.below(6)
  for (let i = 0; i < changes; i++) {
    const near = random.oneIn(2) ? Math.min(600, bytes.length) : bytes.length
    bytes[random.below(near)] = random.oneIn(2) ? random.below(256) : random.pick([0, 0xff, 0x30, 0x37])
  }
  if (random.oneIn(4)) return bytes.subarray(0, random.below(bytes.length))
  if (random.oneIn(8)) return Buffer.concat([bytes, bytes.subarray(random.below(bytes.length))])
  return random.oneIn(8) ? gzipSync(bytes) : bytes
}

const TRACES = (() => {
  const lab = Lab.load(demo)
  const [a = '', b = ''] = lab.pods
  return [
    lab.ping(a, b),
    lab.tcp(a, 'node/node01', 80),
    lab.ping(a, b, { size: 3000 }),
    lab.ping(a, '10.99.99.99'),
  ].map(({ trace }) => JSON.parse(traceToJson(trace)) as object)
})()

function command(random: Random): string {
  const line = random.pick(COMMANDS).replace(/\{(\w+)\}/g, (_, slot: string) => random.pick(SLOTS[slot] ?? ODD_WORDS))
  return random.oneIn(2) ? mutateText(random, line) : line
}

const SLOTS: Readonly<Record<string, readonly string[]>> = {
  ip: ['10.8.0.1', '172.20.0.1', '172.20.0.2', '10.8.1.1', '8.8.8.8', 'fd00::1', '0.0.0.0', '169.254.1.1'],
  prefix: ['10.8.0.0/26', '10.9.0.0/16', '0.0.0.0/0', 'default', '10.8.0.1', 'fd00::/64', '172.20.0.0/24'],
  dev: ['ens3', 'eth0', 'tunl0', 'lo', 'br0', 'dummy0', 'nope0'],
  pod: ['a', 'b', 'shop/a', 'pod/a', 'deploy/web', 'nope'],
  node: ['w1', 'w2'],
  n: ['0', '1', '2', '5', '64', '254', '1500', '65507'],
}

let lab: Lab | undefined
let shell: Shell | undefined
let typed: string[] = []

/** A few commands one after the other in one session, then a ping; each is one run. */
function session(random: Random, note: (input: string) => void): void {
  if (lab === undefined || shell === undefined || typed.length >= 12) {
    lab = smallLab()
    shell = new Shell(lab, 'w1')
    typed = []
  }
  const line = command(random)
  typed.push(line)
  note(JSON.stringify(typed))
  const run = shell.execute(line)
  const { stdout, stderr, exitCode } = run
  if (!(exitCode >= 0 && exitCode <= 255)) throw new Error(`status ${exitCode}`)
  if (/^\s+at .*:\d+:\d+/m.test(stdout + stderr)) throw new Error('a stack')
  if (random.oneIn(3)) renderText(run.trace)
  if (typed.length >= 12) use(lab, random)
}

const TRANSCRIPT = COMMANDS.map(
  (line) => `w1$ ${line.replace(/\{(\w+)\}/g, (_, slot: string) => SLOTS[slot]?.[0] ?? 'x')}`,
)

export const SUBJECTS: readonly Subject[] = [
  {
    name: 'objects',
    run(random, note) {
      const text = random.oneIn(3)
        ? mutateText(random, random.oneIn(4) ? demo : small)
        : JSON.stringify(mutateTree(random, { apiVersion: 'v1', kind: 'List', items: CLUSTER }), null, random.below(2))
      note(text)
      use(Lab.load(text), random)
    },
  },
  {
    name: 'dumps',
    run(random, note) {
      const files = damagedDump(random)
      note(listing(files))
      use(Lab.fromDumps(files), random)
    },
  },
  {
    name: 'archives',
    run(random, note) {
      const bytes = damagedArchive(random)
      note(Buffer.from(bytes).toString('base64'))
      use(Lab.fromDumps({ 'a.tar.gz': bytes }), random)
    },
  },
  { name: 'commands', run: session },
  {
    name: 'transcripts',
    run(random, note) {
      const lines = Array.from({ length: 1 + random.below(6) }, () => random.pick(TRANSCRIPT))
      const text = mutateText(random, `${lines.join('\nsome output\n')}\n`)
      note(text)
      runTranscript(new Shell(smallLab(), 'w1'), text, (run) => {
        if (random.oneIn(3)) renderText(run.trace)
      })
    },
  },
  {
    name: 'traces',
    run(random, note) {
      const tree = mutateTree(random, random.pick(TRACES))
      const text = random.oneIn(5) ? mutateText(random, JSON.stringify(tree)) : JSON.stringify(tree)
      note(text)
      checkForms(parseTrace(text))
    },
  },
]
