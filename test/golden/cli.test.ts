// The command's parts, called in this process with every option: what they print on both streams, the files they write, the status.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, vi } from 'vitest'
import { POLICY_FORMATS, SHOW_TABLES, TRACE_FORMATS, TRACE_VIEWS } from '../../src/cli/choices.ts'
import { collectCommand } from '../../src/cli/commands/collect.ts'
import { type DiffOptions, diffCommand } from '../../src/cli/commands/diff.ts'
import { type PolicyOptions, policyCommand } from '../../src/cli/commands/policy.ts'
import { replayCommand } from '../../src/cli/commands/replay.ts'
import { shellCommand } from '../../src/cli/commands/shell.ts'
import { type ShowOptions, showCommand } from '../../src/cli/commands/show.ts'
import { type TraceOptions, traceCommand } from '../../src/cli/commands/trace.ts'
import { reportFailure } from '../../src/cli/exit.ts'
import { standardError, standardOutput } from '../../src/cli/standard-stream.ts'
import { readScenario } from '../support/captures.ts'
import { capturedState, dumpOf } from '../support/dumps.ts'
import { goldens } from '../support/golden.ts'
import { goldenLab } from '../support/golden-labs.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'

/** Always the same, and as long everywhere: it is told, and lines are broken by its length. */
const folder = 'node_modules/.cache/golden-cli'
rmSync(folder, { recursive: true, force: true })
afterAll(() => rmSync(folder, { recursive: true }))

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

const TOWN = 'test/support/town.yaml'
const SHOP = 'test/support/policy-shop.yaml'
const DEMO = 'examples/demo/ipip.yaml'
const CHANGED = join(folder, 'changed')
const DUMP = join(folder, 'dump')
const ALONE = join(folder, 'dump/node01')

let said: string[] = []
beforeEach(() => {
  said = []
  const keep = (stream: string) => (content: string | Uint8Array) => {
    const text = typeof content === 'string' ? content : Buffer.from(content).toString('hex')
    said.push(`${stream}${text}`)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('') as never)
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('! ') as never)
  vi.spyOn(standardOutput, 'write').mockImplementation(keep('') as never)
  vi.spyOn(standardError, 'write').mockImplementation(keep('! ') as never)
  vi.stubEnv('COLUMNS', undefined)
  // What is said of progress depends on the time.
  vi.spyOn(Date, 'now').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** What is printed, and the status; faults are told as the command tells them. */
function ran(words: string, run: () => number | Promise<number>): string {
  said = []
  let status: number | Promise<number>
  try {
    status = run()
  } catch (error) {
    status = reportFailure(error, (line) => said.push(`! ${line}\n`), '(help)')
  }
  const ended = typeof status === 'number' ? String(status) : 'later'
  return `${words}\n${said.join('')}[${ended}]\n`
}

/** What stands in a folder afterwards. */
function written(path: string): string {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  const texts = files.map(({ parentPath, name }) => `${name} ${readFileSync(join(parentPath, name)).toString('hex')}\n`)
  return texts.sort().join('')
}

const trace = (options: Partial<TraceOptions>): string =>
  ran(JSON.stringify(options), () => traceCommand({ file: [DEMO], output: 'text', verbose: 0, ...options }))
const policy = (endpoint: string | undefined, options: Partial<PolicyOptions>): string =>
  ran(`${endpoint} ${JSON.stringify(options)}`, () =>
    policyCommand(endpoint, { file: [SHOP], output: 'text', ...options }),
  )
const show = (table: keyof typeof SHOW_TABLES, options: Partial<ShowOptions>): string =>
  ran(`${table} ${JSON.stringify(options)}`, () => showCommand(table, { file: [SHOP], ...options }))
const diff = (options: Partial<DiffOptions>): string => ran(JSON.stringify(options), () => diffCommand(options))

const ENDS: readonly Partial<TraceOptions>[] = [
  {},
  { from: 'node/node01' },
  { to: 'internet' },
  { to: 'node/node01:22' },
  { from: 'deploy/busybox-deployment', namespace: 'default' },
  { namespace: 'kube-system' },
  { namespace: 'kube-system', allNamespaces: true, quiet: true },
  { namespace: 'bogus' },
  { to: 'node/node01:53/udp' },
  { to: 'node/node01:53', udp: true },
  { to: 'node/node01:53/tcp', udp: true },
  { to: 'node/node01:53/udp', tcp: true },
  { to: 'node/node01', tcp: true },
  { to: 'node/node01', udp: true },
  { to: 'node/node01:80', tcp: true, udp: true },
  { to: 'node/node01', protocol: 47 },
  { to: 'node/node01:80', protocol: 47 },
  { to: 'node/node01', protocol: 6 },
  { to: 'node/node01', protocol: 47, udp: true },
  { sctp: true },
  { sourcePort: 1000 },
  { to: 'node/node01:80', sourcePort: 1000, size: 100, ttl: 9, df: true },
  { to: 'node/node01:80', server: false },
  { to: 'node/node01:80/udp', server: false, size: 3000 },
  { to: 'node/node01', size: 3000, df: true },
  { to: 'node/node01', ttl: 1 },
  { to: 'node/node01:http' },
  { to: 'bogus' },
  { from: 'bogus' },
  { seed: 7 },
  { ignore: ['policy', 'services'] },
  { file: [] },
  { file: ['bogus.yaml'] },
  { file: ['examples/demo'] },
  { file: [DEMO, TOWN] },
  { file: [TOWN], to: 'svc/default/web:http', from: 'default/a' },
  { file: [TOWN], to: 'svc/default/web:http', from: 'default/a', backend: 'default/c' },
  { file: [TOWN], to: 'web.default:80', from: 'default/a', quiet: true },
  { file: [TOWN], to: 'shop/db-0:5432', from: 'client' },
]

const FORMS: readonly Partial<TraceOptions>[] = [
  ...TRACE_FORMATS.flatMap((output) => [{ output }, { output, verbose: 1 }, { output, quiet: true }]),
  ...TRACE_VIEWS.map((view) => ({ view })),
  { verbose: 1 },
  { verbose: 2 },
  ...[
    'wire',
    'links',
    'all',
    'node01/eth0',
    'default/busybox-deployment-8c7dc8548-btnkv/eth0',
    'bogus',
    'node01/bogus',
    'bogus/eth0',
    '/eth0',
  ].flatMap((at) => [{ at, output: 'tcpdump' as const }, { at, output: 'pcapng' as const }, { at }]),
  ...TRACE_FORMATS.map((output) => ({ output, write: join(folder, `out.${output}`) })),
  { write: join(folder, 'captures/') },
  { write: join(folder, 'captures-of-links/'), at: 'links', quiet: true },
  { write: join(folder, 'svg/'), output: 'svg' },
  { write: folder },
  { write: DEMO },
  { write: '/dev/null' },
  { write: join(folder, 'nowhere/x'), output: 'json' },
]

const POLICIES: readonly (readonly [string | undefined, Partial<PolicyOptions>])[] = [
  ...POLICY_FORMATS.flatMap((output): (readonly [string | undefined, Partial<PolicyOptions>])[] => [
    ['shop/db-0', { output }],
    ['node/node02', { output }],
    [undefined, { from: 'default/client', to: 'shop/db-0:pg', output }],
    [undefined, { from: 'shop/web-0', output }],
    [undefined, { to: 'shop/db-0:5432', output }],
    [undefined, { selects: 'no-telnet', output }],
    [undefined, { selects: 'shop/idle', output }],
  ]),
  [undefined, { selects: 'shop/idle', quiet: true }],
  [undefined, { selects: 'bogus' }],
  ['bogus', {}],
  [undefined, {}],
  ['shop/db-0', { selects: 'hosts' }],
  [undefined, { from: 'web-0', to: 'svc/shop/db:pg', namespace: 'shop' }],
  [undefined, { from: 'web-0', to: 'svc/shop/db:pg', namespace: 'shop', backend: 'db-0' }],
  [undefined, { from: 'a', to: 'svc/default/web:http', namespace: 'default', backend: 'c', file: [TOWN] }],
  [undefined, { from: 'default/a', to: 'default/alone:80', udp: true, sourcePort: 99, file: [TOWN] }],
  [undefined, { from: 'default/a', to: 'svc/default/web', file: [TOWN] }],
  [undefined, { from: 'default/client', to: 'shop/db-0:23' }],
  [undefined, { from: 'default/client', to: 'shop/db-0', protocol: 47 }],
  [undefined, { from: 'default/client', to: 'shop/db-0:80', sctp: true }],
  [undefined, { from: 'default/client', to: 'shop/db-0:80', sctp: true, udp: true }],
  ['node01', { file: [], dump: [DUMP] }],
]

const TABLES = Object.keys(SHOW_TABLES) as (keyof typeof SHOW_TABLES)[]
const SHOWN: readonly Partial<ShowOptions>[] = [
  { node: 'node01' },
  { node: 'node/node02', ipv6: true },
  { node: 'node02', json: true },
  { pod: 'default/client' },
  { pod: 'db-0', namespace: 'shop', quiet: true },
  {},
  { node: 'node01', pod: 'default/client' },
  { node: 'bogus' },
  { node: 'node02', table: 'filter' },
  { node: 'node02', table: 'nat', chain: 'POSTROUTING' },
  { node: 'node02', chain: 'FORWARD', ipv6: true },
  { node: 'node02', chain: 'bogus' },
  { node: 'node02', table: 'bogus' },
  { pod: 'default/client', table: 'filter' },
  { namespace: 'shop' },
  { namespace: 'shop', allNamespaces: true },
]

const GROUPS: Readonly<Record<string, () => readonly string[]>> = {
  'trace ends': () => ENDS.map(trace),
  'trace forms': () => [
    ...FORMS.map((one) => trace(one)),
    written(join(folder, 'captures')),
    written(join(folder, 'captures-of-links')),
  ],
  'trace wide': () =>
    ['', '0', '40', '150', 'x'].map((columns) => {
      vi.stubEnv('COLUMNS', columns)
      return (
        trace({ output: 'text' }) + trace({ view: 'hops', file: [SHOP], from: 'default/client', to: 'shop/db-0:5432' })
      )
    }),
  'trace dump': () => [
    trace({ file: [], dump: [DUMP] }),
    trace({ file: [], dump: [DUMP], from: 'node/node01', to: 'node/node02' }),
    trace({ file: [], dump: [ALONE], quiet: true }),
    trace({ file: [SHOP], dump: [DUMP] }),
    trace({ file: [SHOP], dump: [CHANGED], from: 'shop/web-0', to: 'shop/db-0:5432' }),
    trace({ file: [], dump: [join(folder, 'captured')] }),
    trace({ file: [], dump: [join(folder, 'bogus')] }),
    trace({ file: [], dump: [DEMO] }),
  ],
  policy: () => POLICIES.map(([endpoint, options]) => policy(endpoint, options)),
  show: () => TABLES.flatMap((table) => SHOWN.map((options) => show(table, options))),
  diff: () => [
    ...[DUMP, CHANGED].flatMap((dump) =>
      [{}, { json: true }, { node: 'node01' }, { node: 'node/node02' }, { node: 'bogus' }].map((more) =>
        diff({ file: [SHOP], dump: [dump], ...more }),
      ),
    ),
    diff({}),
    diff({ file: [SHOP] }),
    diff({ dump: [DUMP] }),
  ],
  collect: () => [ran('collect', collectCommand)],
  shell: () => {
    const lines = [
      'node01$ ip route',
      'node01$ ping -c 1 db-0',
      'bogus$ ip a',
      `node01$ tcpdump -i any -w ${folder}/seen.pcapng &`,
    ]
    put('session.txt', [...lines, 'node01$ ping -c 1 web-0', 'node02$ ip route del default', ''].join('\n'))
    return [
      ...['ipip', 'noencap', 'vxlan'].map((name) =>
        ran(name, () =>
          shellCommand({ file: [`examples/demo/${name}.yaml`], transcript: `examples/demo/${name}.transcript.txt` }),
        ),
      ),
      ran('session', () =>
        shellCommand({
          file: [SHOP],
          node: 'node02',
          quiet: true,
          transcript: join(folder, 'session.txt'),
        }),
      ),
    ]
  },
  replay: () => {
    for (const name of ['03-ipip', '24-odd-packets'])
      for (const [path, bytes] of readScenario(name)) put(`scenarios/${name}/${path}`, bytes)
    const out = join(folder, 'replayed')
    return [
      ran('all', () => replayCommand([join(folder, 'scenarios')], { out })),
      ran('one', () => replayCommand([join(folder, 'scenarios/03-ipip')], { out, probe: 1, json: true })),
      ran('none', () => replayCommand([join(folder, 'bogus')], { out })),
      ran('empty', () => replayCommand([DUMP], { out })),
      written(out),
    ]
  },
}

function prepare(): void {
  const lab = goldenLab('policy-shop')
  const machines = ['node01', 'node02']
  for (const [path, bytes] of Object.entries(simulatedDumps(lab, machines))) put(`dump/${path}`, bytes)
  lab.sh('node01', 'ip route del 10.65.1.0/26')
  lab.sh('node01', 'iptables -I FORWARD 1 -j DROP')
  lab.sh('node01', 'sysctl -w net.ipv4.ip_forward=0')
  lab.sh('node02', 'ip route add 10.77.0.0/16 via 172.17.0.40')
  lab.sh('node02', 'ip rule add fwmark 5 table 5')
  lab.sh('node02', 'ip link set eth0 mtu 1400')
  lab.sh('node02', 'ip neigh add 172.17.0.99 lladdr 02:00:00:00:00:99 dev eth0')
  for (const [path, bytes] of Object.entries(simulatedDumps(lab, machines))) put(`changed/${path}`, bytes)
  for (const [path, bytes] of dumpOf(capturedState('04-vxlan'), (role) => role === 'node', 'text' as never))
    put(`captured/${path}`, bytes)
}

describe('the command answers as it did', () => {
  prepare()
  goldens('cli', Object.keys(GROUPS), (key) => (GROUPS[key] as () => readonly string[])().join('\n'))
})
