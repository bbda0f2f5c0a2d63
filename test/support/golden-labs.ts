// Labs that goldens are made of: as different as they come, each made anew when it is asked for.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Lab } from '../../src/lab/index.ts'
import { cluster, network } from '../../src/testing/index.ts'
import { ipipShop, shop, wireguardShop } from '../render/shop.ts'
import { capturedState, dumpOf } from './dumps.ts'

const fromFile = (name: string): Lab =>
  Lab.load({ name: name.split('/').at(-1) as string, text: readFileSync(name, 'utf8') })

const MODES = ['ipip-always', 'ipip-cross-subnet', 'vxlan-always', 'vxlan-cross-subnet', 'none'] as const

function randomCluster(mode: (typeof MODES)[number], seed: number): Lab {
  const small = cluster({ mode, nodes: { min: 2, max: 4 }, podsPerNode: { min: 1, max: 2 } })
  const [drawn] = fc.sample(small, { seed, numRuns: 1 })
  return Lab.fromResources(drawn!.resources, { seed })
}

function randomLine(seed: number): Lab {
  const [drawn] = fc.sample(network(), { seed, numRuns: 1 })
  return Lab.fromNetwork(drawn!.network)
}

function dumped(capture: string): Lab {
  return Lab.fromDumps(dumpOf(capturedState(capture), (role) => role !== 'switch'))
}

const CAPTURES = [
  '03-ipip',
  '04-vxlan',
  '08-wireguard',
  '17c-ipv6-vxlan',
  '18-services-ipip',
  '19b-policy-noencap-reject',
  '20b-docker-bridge-brnf',
  '21-policy-routing',
  '22-vxlan-faults',
] as const

const MAKERS: Readonly<Record<string, () => Lab>> = {
  town: () => fromFile('test/support/town.yaml'),
  'policy-shop': () => fromFile('test/support/policy-shop.yaml'),
  'demo-ipip': () => fromFile('examples/demo/ipip.yaml'),
  'demo-noencap': () => fromFile('examples/demo/noencap.yaml'),
  'demo-vxlan': () => fromFile('examples/demo/vxlan.yaml'),
  'shop-vxlan': () => shop(),
  'shop-ipip': ipipShop,
  'shop-wireguard': wireguardShop,
  ...Object.fromEntries(MODES.map((mode, i) => [`random-${mode}`, () => randomCluster(mode, i + 1)])),
  'line-1': () => randomLine(1),
  'line-2': () => randomLine(5),
  ...Object.fromEntries(CAPTURES.map((name) => [`dump-${name}`, () => dumped(name)])),
}

/** Names of the labs. */
export const GOLDEN_LABS: readonly string[] = Object.keys(MAKERS)

/** A lab by its name. */
export function goldenLab(name: string): Lab {
  return (MAKERS[name] as () => Lab)()
}

/** Namespaces of a lab where commands are typed and packets begin, by what they are. */
export interface Places {
  readonly pods: readonly string[]
  readonly nodes: readonly string[]
  readonly others: readonly string[]
}

/** Where things happen in a lab. */
export function placesOf(lab: Lab): Places {
  const all = Object.values(lab.network.namespaces)
  const named = (...roles: string[]): string[] => all.filter(({ role }) => roles.includes(role)).map(({ name }) => name)
  return { pods: named('pod', 'container'), nodes: named('node', 'host'), others: named('router', 'external') }
}
