// What dumps give: the network they are joined to, with the meanings of its rules, and all that is missing, assumed, odd or
// otherwise than the objects say. Of all captures, of the fixtures, of simulated clusters; with a file missing or something odd in it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import fc from 'fast-check'
import { describe } from 'vitest'
import { buildCluster, type Cluster, parseCalicoVersion } from '../../src/control/index.ts'
import { type LoadedDump, loadDump, loadDumpWithObjects } from '../../src/dumps/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { randomCluster } from '../oracle/policy/clusters.ts'
import { randomServices } from '../oracle/services/clusters.ts'
import { listScenarios } from '../support/captures.ts'
import { textOf } from '../support/cluster-text.ts'
import { capturedState, dumpOf } from '../support/dumps.ts'
import { goldens } from '../support/golden.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'
import { over, type Thing, wholeCluster } from '../support/whole-cluster.ts'
import { SETTING_VARIANTS } from './control-setting-variants.ts'
import { UNDERLAY_VARIANTS } from './control-underlay-variants.ts'

type Files = Readonly<Record<string, Uint8Array>>

/** All that is said of dumps; or why they are refused. */
function dumpText(load: () => LoadedDump): string {
  try {
    const { nodes, network, ...rest } = load()
    const missing = nodes.map(({ namespace: _, ...node }) => node)
    return textOf({ ...rest, cluster: undefined, nodes: missing, network })
  } catch (error) {
    if (error instanceof InputError) return textOf(error.issues)
    throw error
  }
}

const ofFiles = (files: Files): string => dumpText(() => loadDump(new Map(Object.entries(files))))

describe('dumps of a capture', () => {
  const forms: Readonly<Record<string, (name: string) => ReadonlyMap<string, Uint8Array>>> = {
    json: (name) => dumpOf(capturedState(name), (role) => role !== 'switch'),
    text: (name) => dumpOf(capturedState(name), (role) => role !== 'switch', 'text'),
    'nodes alone': (name) => dumpOf(capturedState(name), (role) => role === 'node'),
    everything: (name) => dumpOf(capturedState(name), () => true),
  }
  // Every other scenario, and each in one of the forms: all of them take too long.
  const keys = listScenarios().flatMap((name, i) => (i % 2 === 0 ? [`${name} ${Object.keys(forms)[(i / 2) % 4]}`] : []))
  goldens('dumps-captures', keys, (key) => {
    const at = key.indexOf(' ')
    return dumpText(() => loadDump(forms[key.slice(at + 1)]!(key.slice(0, at))))
  })
})

/** Every file below a folder. */
function filesBelow(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => statSync(`${folder}/${name}`).isFile())
  return Object.fromEntries(files.map((name) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))]))
}

describe('dumps of a fixture', () => {
  const folders = ['test/fixtures/field', 'test/fixtures/hostile']
    .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}/dump`))
    .filter((folder) => existsSync(folder))
    .sort()
  goldens('dumps-fixtures', folders, (folder) => ofFiles(filesBelow(folder)))
})

function built(objects: readonly object[], release?: string): Cluster {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const calicoVersion = release === undefined ? undefined : parseCalicoVersion(release)
  return buildCluster(
    loadResources([{ name: 'objects.json', text }]).resources,
    calicoVersion === undefined ? {} : { calicoVersion },
  )
}

const namesOf = (cluster: Cluster, role: string): string[] =>
  Object.values(cluster.network.namespaces).flatMap((ns) => (ns.role === role ? [ns.name] : []))

const RELEASES = ['v3.16.3', 'v3.22.0', 'v3.28.1', 'v3.29.1', 'v3.30.0', 'v3.31.0', 'v3.32.1', 'v3.33.0'] as const
const SMALL = wholeCluster('small')
const WHOLE = wholeCluster('cluster')

describe('what rules of a dump mean', () => {
  const policies = fc.sample(randomCluster(), { seed: 2, numRuns: 24 })
  const services = fc.sample(randomServices(), { seed: 2, numRuns: 12 })
  const clusters = new Map<string, () => Cluster>([
    ...policies.map(({ objects }, i) => [`policies ${i}`, () => built(objects, RELEASES[i % 8])] as const),
    ...services.map(({ objects }, i) => [`services ${i}`, () => built(objects)] as const),
    ...RELEASES.map((release) => [`whole ${release}`, () => built(WHOLE, release)] as const),
  ])
  goldens('dumps-meanings', [...clusters.keys()], (key) => {
    const cluster = clusters.get(key)!()
    return ofFiles(simulatedDumps(cluster, namesOf(cluster, 'node')))
  })
})

describe('a dump with something odd', () => {
  const cluster = built(SMALL)
  const all = simulatedDumps(cluster, ['n1', 'default/a'], undefined, (name) => name.replace('/', '_'))
  const odd: Readonly<Record<string, string>> = {
    empty: '',
    null: 'null',
    'an empty list': '[]',
    'a list of nothing': '[null, 5, {}]',
    'no JSON': '[{',
    'not found': 'bash: ip: command not found\n',
    'no permission': 'Cannot open network namespace: Permission denied\n',
    'something else': 'hello world\n',
    'a usage': 'Usage: ip link { COMMAND | help }\n',
  }
  const keys = Object.keys(all).flatMap((file) =>
    ['absent', 'half', ...Object.keys(odd)].map((what) => `${file} ${what}`),
  )
  goldens('dumps-odd', keys, (key) => {
    const [file = '', ...words] = key.split(' ')
    const what = words.join(' ')
    const { [file]: whole, ...others } = all
    if (what === 'absent') return ofFiles(others)
    const content = what === 'half' ? whole!.subarray(0, whole!.length >> 1) : encodeUtf8(odd[what]!)
    return ofFiles({ ...others, [file]: content })
  })
})

/** Dumps of a cluster beside the objects of another. */
function beside(
  objects: readonly Thing[],
  dumped: Cluster,
  names: readonly string[],
  folder?: (name: string) => string,
): string {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const { resources } = loadResources([{ name: 'objects.json', text }])
  const files = simulatedDumps(dumped, names, undefined, folder ?? ((name) => name.replace('/', '_')))
  return dumpText(() =>
    loadDumpWithObjects(new Map(Object.entries(files)), resources, (given, underlay) =>
      buildCluster(given, { underlay }),
    ),
  )
}

describe('dumps beside objects', () => {
  const plain = built(SMALL)
  const encrypted = over('FelixConfiguration', 'default', { spec: { wireguardEnabled: true } })(SMALL)
  const keyless = over('Node', 'n1', {
    metadata: { annotations: { 'projectcalico.org/WireguardPublicKey': undefined } },
  })
  const tunnels = new Set(
    ['ipipEnabled=false', 'vxlanEnabled=false', 'vxlanVNI=1400', 'vxlanPort=1400', 'wireguardListeningPort=1400'].map(
      (name) => `felix ${name}`,
    ),
  )
  const changed = [
    ...SETTING_VARIANTS.filter(([key], i) => i % 13 === 0 || tunnels.has(key)),
    ...UNDERLAY_VARIANTS.filter((_, i) => i % 9 === 0),
  ]
  const variants = new Map<string, () => string>([
    ['of nodes with keys', () => beside(keyless(encrypted), built(encrypted), ['n1', 'n2'])],
    ['of the peer of a node with a key', () => beside(keyless(encrypted), built(encrypted), ['n2'])],
    ['of the nodes', () => beside(SMALL, plain, ['n1', 'n2'])],
    ['of one node', () => beside(SMALL, plain, ['n2'])],
    ['of a pod', () => beside(SMALL, plain, ['default/a'])],
    ['of a node and its pod', () => beside(SMALL, plain, ['n2', 'default/b'])],
    ['of a router', () => beside(SMALL, plain, ['r'])],
    [
      'of everybody under other names',
      () => beside(SMALL, plain, ['n1', 'n2', 'default/a', 'default/b'], (name) => `x-${name.replace('/', '-')}`),
    ],
    [
      'of a stranger',
      () =>
        beside(
          SMALL.filter(({ metadata }) => metadata?.name !== 'n2'),
          plain,
          ['n1', 'n2'],
        ),
    ],
    ...changed.map(
      ([key, change]) =>
        [
          key,
          () => {
            const cluster = built(change(SMALL))
            return beside(SMALL, cluster, namesOf(cluster, 'node'))
          },
        ] as const,
    ),
  ])
  goldens('dumps-beside-objects', [...variants.keys()], (key) => {
    try {
      return variants.get(key)!()
    } catch (error) {
      if (error instanceof InputError) return textOf(error.issues)
      throw error
    }
  })
})
