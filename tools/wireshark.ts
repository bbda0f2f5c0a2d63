// Wireshark and tcpdump as judges of capture files, on every scene below:
//   tshark has no warning about a file of the wire, sees no segment twice, and can read every packet;
//   tcpdump reads every file of every `--at`, and prints for each device what `-o tcpdump` does.
// usage: npm run wireshark [-- SCENE …]; exit 3 when Debian's tshark or tcpdump is not installed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lab, type Run, renderPcapng } from '../src/index.ts'
import { cable, namespace, networkOf, route } from '../src/model/index.ts'
import { type CaptureAt, renderPcaps, tcpdumpOf } from '../src/render/index.ts'
import { ipipShop, shop, wireguardShop } from '../test/render/shop.ts'

const TOOLS = ['tshark', 'tcpdump'] as const
const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).status !== 0)
if (missing.length > 0) {
  process.stderr.write(`not installed: ${missing.join(', ')}\n`)
  process.exit(3)
}

/** A network, and two ends in it that are not on one machine. */
interface Place {
  readonly lab: () => Lab
  readonly ends: readonly [string, string]
}

const demo = (name: string): Place => {
  const lab = (): Lab => Lab.load(readFileSync(new URL(`../examples/demo/${name}.yaml`, import.meta.url), 'utf8'))
  const pods = lab().cluster?.workloadEndpoints ?? []
  const of = (node: string): string => pods.find((pod) => pod.node === node)?.netns ?? ''
  return { lab, ends: [of('controlplane'), of('node01')] }
}

const host = (name: string, address: string, gateway: string): ReturnType<typeof namespace> =>
  namespace(name, {
    interfaces: [{ name: 'eth0', addresses: [address] }],
    routes: [route('default', { via: gateway, dev: 'eth0' })],
  })

/** Two hosts, and a router whose second cable carries less. */
const narrow = (): Lab =>
  Lab.fromNetwork(
    networkOf(
      [
        host('alice', '10.0.1.2/24', '10.0.1.1'),
        host('bob', '10.0.2.2/24', '10.0.2.1'),
        namespace('router', {
          forwarding: true,
          interfaces: [
            { name: 'east', addresses: ['10.0.1.1/24'] },
            { name: 'west', addresses: ['10.0.2.1/24'], mtu: 1400 },
          ],
        }),
      ],
      [cable(['alice', 'eth0'], ['router', 'east']), cable(['router', 'west'], ['bob', 'eth0'])],
    ),
  )

const PLACES: Readonly<Record<string, Place>> = {
  ipip: demo('ipip'),
  vxlan: demo('vxlan'),
  noencap: demo('noencap'),
  'vxlan-router': { lab: () => shop(), ends: ['shop/web-0', 'shop/db-0'] },
  'ipip-router': { lab: ipipShop, ends: ['shop/web-0', 'shop/db-0'] },
  wireguard: { lab: wireguardShop, ends: ['shop/web-0', 'shop/db-0'] },
  narrow: { lab: narrow, ends: ['alice', 'bob'] },
}

/** What is asked, and what a warning may rightly say of it. */
interface Flow {
  readonly run: (lab: Lab, from: string, to: string) => Run
  readonly rightly?: RegExp
}

const RESET = /Connection reset \(RST\)/
const FLOWS: Readonly<Record<string, Flow>> = {
  ping: { run: (lab, from, to) => lab.ping(from, to, { count: 2 }) },
  'ping in fragments': { run: (lab, from, to) => lab.ping(from, to, { size: 3000 }) },
  'ping too large': { run: (lab, from, to) => lab.ping(from, to, { size: 1400, pmtudisc: 'do' }) },
  'ping with too few hops': { run: (lab, from, to) => lab.ping(from, to, { ttl: 1 }) },
  traceroute: { run: (lab, from, to) => lab.traceroute(from, to) },
  'traceroute by TCP': { run: (lab, from, to) => lab.traceroute(from, to, { method: 'tcp' }), rightly: RESET },
  dns: { run: (lab, from, to) => lab.udp(from, to, 53) },
  udp: { run: (lab, from, to) => lab.udp(from, to, 5300, { count: 3 }) },
  'udp to nobody': { run: (lab, from, to) => lab.udp(from, to, 5300, { server: false }) },
  tcp: { run: (lab, from, to) => lab.tcp(from, to, 80) },
  'tcp in many segments': { run: (lab, from, to) => lab.tcp(from, to, 5000, { request: 20_000, reply: 50_000 }) },
  'tcp to nobody': { run: (lab, from, to) => lab.tcp(from, to, 80, { server: false }), rightly: RESET },
  'tcp with too few hops': { run: (lab, from, to) => lab.tcp(from, to, 80, { ttl: 1 }) },
}

/** Scenes in which something really is sent twice (the first segments are too long for the way), and what the receiver says then. */
const SENT_TWICE: Readonly<Record<string, RegExp>> = { 'narrow: tcp in many segments': /D-SACK Sequence/ }

const wanted = process.argv.slice(2)
const scenes = Object.entries(PLACES).flatMap(([place, { lab, ends }]) =>
  Object.entries(FLOWS).map(([flow, { run, rightly }]) => ({ name: `${place}: ${flow}`, lab, ends, run, rightly })),
)
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-wireshark-'))

/** Runs a tool on a file; what it printed, a line each. */
function lines(tool: (typeof TOOLS)[number], bytes: Uint8Array, ...args: readonly string[]): string[] {
  const file = join(folder, 'capture')
  writeFileSync(file, bytes)
  const { status, stdout, stderr } = spawnSync(tool, ['-nr', file, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
    maxBuffer: 1 << 28,
  })
  if (status !== 0) return [`${tool} ends with status ${status}: ${stderr.trim()}`]
  return stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n')
}

/** Severity of a warning; words for it differ from release to release. */
const WARNING = 0x600000
const TWICE = ['retransmission', 'fast_retransmission', 'spurious_retransmission', 'duplicate_ack', 'out_of_order']

/** What tshark finds wrong with a file. */
function complaints(bytes: Uint8Array, twice: boolean, rightly: RegExp | undefined): string[] {
  const seen = twice ? [] : TWICE.map((flag) => `tcp.analysis.${flag}`)
  const filter = [`_ws.expert.severity >= ${WARNING}`, '_ws.malformed', ...seen].join(' || ')
  const found = lines(
    'tshark',
    bytes,
    '-Y',
    filter,
    '-T',
    'fields',
    '-e',
    'frame.number',
    '-e',
    '_ws.col.Info',
    '-e',
    '_ws.expert.message',
  )
  return found.filter((line) => rightly === undefined || !rightly.test(line)).map((line) => `tshark: ${line}`)
}

/** Whether tcpdump reads every packet of a file. */
function unread(bytes: Uint8Array, at: string, packets: number): string[] {
  const read = lines('tcpdump', bytes, '-tq', '--count').join(' ')
  return read === `${packets} packet${packets === 1 ? '' : 's'}`
    ? []
    : [`tcpdump on --at ${at}: ${read}, of ${packets} packets`]
}

/** Lines that differ from what tcpdump prints for the file of the device; with `-v` at the first device alone, to save time. */
function differences(run: Run, verbose: boolean): string[] {
  const files = renderPcaps(run.trace)
  const devices = tcpdumpOf(run.trace, { verbose })
  return (verbose ? devices.slice(0, 1) : devices).flatMap(({ netns, dev, lines: ours }, i) => {
    const real = lines('tcpdump', files[i]?.bytes ?? new Uint8Array(0), ...(verbose ? ['-nv'] : ['-n']))
    const told = ours.join('\n').split('\n')
    const at = real.findIndex((line, n) => line !== told[n])
    if (at < 0 && real.length === told.length) return []
    return [`${netns}/${dev}: tcpdump prints ${real[at]}\n      and we ${told[at]}`]
  })
}

function judge({ name, lab, ends, run, rightly }: (typeof scenes)[number]): string[] {
  const done = run(lab(), ...ends)
  const frames = done.trace.hops.filter((hop) => hop.kind === 'tx' || hop.kind === 'rx').length
  const places: readonly CaptureAt[] = ['wire', 'links', 'all']
  const files = places.map((at) => ({ at, bytes: renderPcapng(done.trace, { at }) }))
  return [
    ...complaints(renderPcapng(done.trace), name in SENT_TWICE, SENT_TWICE[name] ?? rightly),
    ...files.flatMap(({ at, bytes }) =>
      at === 'all'
        ? unread(bytes, at, frames)
        : lines('tcpdump', bytes, '--count').filter((line) => !/^\d+ packets?$/.test(line)),
    ),
    ...differences(done, false),
    ...differences(done, true),
  ]
}

let wrong = 0
for (const scene of scenes.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))) {
  const found = judge(scene)
  wrong += found.length
  process.stdout.write(
    `${found.length === 0 ? 'ok   ' : 'WRONG'} ${scene.name}\n${found.map((line) => `    ${line}\n`).join('')}`,
  )
}
rmSync(folder, { recursive: true })
process.exit(wrong === 0 ? 0 : 1)
