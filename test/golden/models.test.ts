// Networks and scenarios, whole and damaged: what is read, which faults are found, what is told of them.
import { describe } from 'vitest'
import {
  ARP_VERDICTS,
  compareRoutes,
  DROPS,
  describeIssues,
  didYouMean,
  ENDS,
  FINDING_CODES,
  HOOKS,
  hasCarrier,
  InputError,
  inKernelOrder,
  isAnswer,
  isInterfaceName,
  KEEPERS,
  kernelRoutes,
  linkSource,
  type Network,
  type NetworkData,
  NOTE_TOPICS,
  NOTES,
  nearestWord,
  printable,
  type Route,
  segmentsOf,
  TAKERS,
  topology,
  VERDICTS,
  validate,
  withRouteInOrder,
  yamlText,
} from '../../src/model/index.ts'
import { parseProgram } from '../../src/programs/index.ts'
import { parseScenario } from '../../src/replay/index.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/wire/index.ts'
import { Random } from '../robustness/random.ts'
import { listScenarios, readScenario } from '../support/captures.ts'
import { goldens } from '../support/golden.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const NUMBERS = [-1, 0, 0.5, 1, 67, 68, 1279, 255, 4096, 65535, 65536, 2 ** 24, 2 ** 32]
const TEXTS = [
  '',
  'nosuch',
  'lo',
  'eth0',
  'x'.repeat(15),
  'x'.repeat(16),
  'a/b',
  '..',
  '10.0.0.300',
  '10.0.0.1',
  'fd00::1',
  '10.0.0.0/33',
  '0.0.0.0/0',
  '00:00:00:00:00:00',
  '01:00:00:00:00:00',
  'ff:ff:ff:ff:ff:ff',
  'main',
  'drop',
]

/** The other value a leaf gets. */
function other(random: Random, leaf: Json, all: readonly string[]): Json {
  if (typeof leaf === 'boolean') return !leaf
  if (typeof leaf === 'number') return random.oneIn(2) ? random.pick(NUMBERS) : leaf + 1
  return random.oneIn(2) ? random.pick(TEXTS) : random.pick(all)
}

/** Every place of a value: the object or list that holds it, and its key. */
function placesOf(value: Json, found: [Record<string, Json>, string][] = []): [Record<string, Json>, string][] {
  if (typeof value !== 'object' || value === null) return found
  const holder = value as Record<string, Json>
  for (const key of Object.keys(holder)) {
    if (typeof holder[key] === 'object' && holder[key] !== null) placesOf(holder[key], found)
    else found.push([holder, key])
  }
  return found
}

function damage(random: Random, value: Json, times: number): void {
  const places = placesOf(value)
  const texts = places.map(([holder, key]) => holder[key]).filter((leaf) => typeof leaf === 'string')
  for (let i = 0; i < times; i++) {
    const [holder, key] = random.pick(places)
    if (random.oneIn(10)) delete holder[key]
    else holder[key] = other(random, holder[key]!, texts)
  }
}

/** The network without what takes long to write and is not looked at one by one. */
const plain = (network: Network): Json =>
  JSON.parse(JSON.stringify({ namespaces: network.namespaces, wires: network.wires, shared: network.shared })) as Json

function saidOf(call: () => unknown): string {
  try {
    return JSON.stringify(call()) ?? 'nothing'
  } catch (error) {
    if (error instanceof InputError)
      return `${JSON.stringify(error.issues)}\n${describeIssues(error.issues).join('\n')}`
    return error instanceof TypeError ? 'cannot be read' : String(error)
  }
}

/** Rules are most of a network: without them the damage is elsewhere. */
function withoutFirewall(network: Json): void {
  const { namespaces } = network as { namespaces: Record<string, Record<string, Json>> }
  for (const ns of Object.values(namespaces)) {
    for (const key of ['iptables', 'ip6tables', 'ipsets', 'conntrack']) delete ns[key]
    ns['sysctls'] = {}
  }
}

describe('a scenario is read as it was', () => {
  goldens('scenarios', listScenarios(), (name) => {
    const { network, ...rest } = parseScenario(readScenario(name))
    return JSON.stringify([plain(network), rest])
  })
})

describe('a damaged scenario is read as it was', () => {
  goldens(
    'damaged-scenarios',
    listScenarios().filter((_, i) => i % 6 === 0),
    (name) => {
      const files = readScenario(name)
      const random = new Random(name.length)
      const texts: string[] = []
      for (let i = 0; i < 4; i++) {
        const changed = new Map(files)
        for (const path of ['scenario.json', random.pick(['state.json', 'scenario.json'])]) {
          const value = JSON.parse(decodeUtf8(files.get(path)!)) as Json
          damage(random, value, 12)
          changed.set(path, encodeUtf8(JSON.stringify(value)))
        }
        texts.push(
          saidOf(() => {
            const { network, ...read } = parseScenario(changed)
            return [plain(network), read]
          }),
        )
      }
      return texts.join('\n')
    },
  )
})

describe('the faults of a damaged network are as they were', () => {
  goldens(
    'faults',
    listScenarios().filter((_, i) => i % 2 === 0),
    (name) => {
      const network = plain(parseScenario(readScenario(name)).network)
      const random = new Random(name.length + 5)
      const lines: string[] = [saidOf(() => validate(network as unknown as NetworkData))]
      for (let i = 0; i < 12; i++) {
        const changed = structuredClone(network)
        if (i % 2 === 1) withoutFirewall(changed)
        damage(random, changed, 1 + random.below(60))
        lines.push(saidOf(() => validate(changed as unknown as NetworkData)))
      }
      return lines.join('\n')
    },
  )
})

describe('what follows from a network is as it was', () => {
  goldens(
    'derived',
    listScenarios().filter((_, i) => i % 2 === 1),
    (name) => {
      const { network } = parseScenario(readScenario(name))
      const links = linkSource(network)
      const all = Object.values(network.namespaces)
      const carriers = all.map((ns) => [
        ns.name,
        Object.keys(ns.interfaces).map((dev) => hasCarrier(links, ns.name, dev)),
      ])
      const routes = all.flatMap((ns) => [...ns.routes])
      const random = new Random(name.length)
      const some = Array.from({ length: 60 }, () => [random.pick(routes), random.pick(routes)] as const)
      const shuffled = routes.map((route) => [random.below(1e6), route] as const).sort((a, b) => a[0] - b[0])
      const own = all.flatMap((ns) =>
        Object.values(ns.interfaces).flatMap((dev) => [kernelRoutes(dev), kernelRoutes(dev, { forwarding6: true })]),
      )
      const changed = (route: Route): Route => ({ ...route, metric: (route.metric ?? 0) + random.below(3) })
      const { nodes, edges } = topology(network).export()
      // Graphology numbers edges across all graphs of a process.
      const graph = [nodes, edges.map(({ key, ...edge }) => edge)]
      return [
        saidOf(() => carriers),
        saidOf(() => segmentsOf(network)),
        saidOf(() => some.map(([a, b]) => Math.sign(compareRoutes(a, b)))),
        saidOf(() => inKernelOrder(shuffled.map(([, route]) => route))),
        saidOf(() => some.slice(0, 9).map(([a], i) => withRouteInOrder(routes, changed(a), i % 2 === 0).indexOf(a))),
        saidOf(() => own),
        saidOf(() => graph),
      ].join('\n')
    },
  )
})

describe('the command line of a program is read as it was', () => {
  const words = [
    '-c',
    '2',
    '-s',
    '1472',
    '-M',
    'do',
    'dont',
    '-I',
    'eth0',
    '-W',
    '0.5',
    '-t',
    '1',
    '-6',
    '-4',
    '-q',
    '-n',
    '-m',
    '9',
    '-T',
    '-I',
    '-p',
    '80',
    '--sport=9',
    '-w',
    '1',
    'fe80::1%eth0',
    '10.0.0.1',
    'size=3',
    'ttl=2',
    'count=2',
    'pmtudisc=do',
    '-F',
    '-R',
    '-b',
    '-Q',
    '184',
    '-e',
    '7',
    '-i',
    '0.2',
    '-z',
  ]
  const commands = [
    ['icmp-echo', 'ping -n -c 2 -W 0.7 -s 8 -i 0.2 10.0.0.1'],
    ['traceroute-udp', 'traceroute -n -q 1 -N 1 -m 5 -w 1 10.0.0.1'],
    ['traceroute-icmp', 'traceroute -n -I -q 3 fd00::1'],
    ['traceroute-tcp', 'traceroute -n -T -p 80 -w 1 10.0.0.1 1400'],
    ['udp', 'udp-send *:40001 -> [fd00::1]:7 size=3 count=2 tos=0x28 pmtudisc=dont (echo server in b, reply size 9)'],
    ['udp', 'udp-send 10.0.0.3:40001 -> 10.0.0.1:7 size=3 count=2 ttl=4'],
    ['tcp', 'tcp-connect *:40002 -> 10.0.0.1:80 request=100 reply=2000 (server in b)'],
    ['inject', 'inject on eth0: 3 frames'],
    ['wait', 'wait'],
    ['other', 'other'],
  ] as const
  goldens(
    'command-lines',
    commands.map(([, command]) => command),
    (key) => {
      const [kind] = commands.find(([, command]) => command === key)!
      const random = new Random(key.length)
      const lines = [key]
      for (let i = 0; i < 200; i++) {
        const parts = key.split(' ')
        for (let j = 0; j <= random.below(3); j++)
          parts.splice(
            1 + random.below(parts.length),
            random.below(2),
            ...(random.oneIn(4) ? [] : [random.pick(words)]),
          )
        lines.push(parts.join(' '))
      }
      return lines.map((line) => `${line}: ${saidOf(() => parseProgram(kind, line))}\n`).join('')
    },
  )
  goldens('commands-of-captures', listScenarios(), (name) =>
    parseScenario(readScenario(name))
      .probes.map((probe) => saidOf(() => parseProgram(probe.kind, probe.command)))
      .join('\n'),
  )
})

describe('a text is as it was', () => {
  const names = ['eth0', 'lo', 'a/b', 'x y', '', '.', '..', 'x'.repeat(15), 'x'.repeat(16), 'é', 'a:b', 'tab\there']
  const words = [
    'namespace',
    'namespaces',
    'interface',
    'NodePort',
    'ClusterIP',
    'eth0',
    'eth1',
    'ethernet',
    'kube-system',
    'a',
    'ab',
  ]
  const values = [
    null,
    true,
    false,
    0,
    -1.5,
    '',
    'a',
    'true',
    'null',
    '1',
    '1e3',
    '- a',
    'a: b',
    '#x',
    ' a',
    'a ',
    '"',
    "'",
    'a\nb',
    '0x1f',
    '~',
    'yes',
    '@a',
    '%a',
    '{a',
    '[a',
    [],
    {},
    [[]],
    [1, 'b'],
    { a: 1 },
    { a: { b: [] }, 'c d': [{ e: 1, f: [2] }] },
  ]
  const texts: Readonly<Record<string, () => string>> = {
    'names of interfaces': () => names.map((name) => `${name}: ${isInterfaceName(name)}`).join('\n'),
    'nearest words': () =>
      [...words, 'namspace', 'NAMESPACE', 'inteface', 'nodport', 'eht0', 'eth', 'kubesystem', 'b', 'zzz', '']
        .flatMap((word) => [word, nearestWord(word, words), didYouMean(word, words), didYouMean(word, [])])
        .join('\n'),
    'printable texts': () =>
      JSON.stringify(
        ['a', '\u0000', '\u001b[1m', 'ü', '\u202e', '\n', '\t', '\u007f', '😀', '\ud800'].map((text) =>
          printable(`x${text}y`),
        ),
      ),
    'causes of drops': () => JSON.stringify(DROPS, null, 1),
    'sorts of notes': () => JSON.stringify([NOTES, NOTE_TOPICS, FINDING_CODES], null, 1),
    'words of events': () =>
      JSON.stringify([
        ARP_VERDICTS.map((verdict) => [verdict, isAnswer(verdict)]),
        ENDS,
        HOOKS,
        KEEPERS,
        TAKERS,
        VERDICTS,
      ]),
    yaml: () => values.map((value) => yamlText(value as never)).join('\n---\n'),
  }
  goldens('texts-of-model', Object.keys(texts), (key) => texts[key]!())
})
