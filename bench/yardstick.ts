/**
 * The yardstick: the same walk of a ping as a plain program would do it, with objects and text instead of bytes: for each
 * hop an object per packet, a linear look through text prefixes, a Map for neighbours. It knows one road only, makes no bytes,
 * no checksums and no records; it exists to give times of the same machine and moment a measure.
 */
interface PlainPacket {
  readonly source: string
  readonly destination: string
  readonly ttl: number
  readonly outer?: PlainPacket
}

interface PlainHop {
  readonly routes: readonly { readonly prefix: string; readonly length: number; readonly via?: string }[]
  readonly neighbours: ReadonlyMap<string, string>
}

function toNumber(address: string): number {
  return address.split('.').reduce((n, part) => n * 256 + Number(part), 0)
}

function lookup(hop: PlainHop, destination: string): string {
  const wanted = toNumber(destination)
  let best = -1
  let via = destination
  for (const route of hop.routes) {
    const size = 2 ** (32 - route.length)
    if (Math.floor(wanted / size) !== Math.floor(toNumber(route.prefix) / size) || route.length <= best) continue
    best = route.length
    via = route.via ?? destination
  }
  return hop.neighbours.get(via) ?? via
}

const HOPS: readonly PlainHop[] = [
  { routes: [{ prefix: '0.0.0.0', length: 0, via: '169.254.1.1' }], neighbours: new Map([['169.254.1.1', 'ee:ee']]) },
  {
    routes: [
      { prefix: '0.0.0.0', length: 0, via: '172.17.0.1' },
      { prefix: '172.17.0.0', length: 16 },
      { prefix: '192.168.49.66', length: 32 },
      { prefix: '192.168.196.128', length: 26, via: '172.17.0.40' },
    ],
    neighbours: new Map([['172.17.0.40', '02:42']]),
  },
  {
    routes: [
      { prefix: '0.0.0.0', length: 0, via: '172.17.0.1' },
      { prefix: '172.17.0.0', length: 16 },
      { prefix: '192.168.196.131', length: 32 },
      { prefix: '192.168.49.64', length: 26, via: '172.17.0.32' },
    ],
    neighbours: new Map([['192.168.196.131', 'f2:00']]),
  },
]

/** One ping there and back; returns a number so that nothing is optimized away. */
export function plainPing(): number {
  let seen = 0
  for (const [source, destination] of [
    ['192.168.49.66', '192.168.196.131'],
    ['192.168.196.131', '192.168.49.66'],
  ] as const) {
    let packet: PlainPacket = { source, destination, ttl: 64 }
    for (const hop of HOPS) {
      seen += lookup(hop, packet.destination).length
      packet = { ...packet, ttl: packet.ttl - 1 }
      const wrapped: PlainPacket = { source: '172.17.0.32', destination: '172.17.0.40', ttl: packet.ttl, outer: packet }
      seen += lookup(hop, wrapped.destination).length
    }
    seen += packet.ttl
  }
  return seen
}

/** One lookup among many prefixes by reading each of them; returns the longest length that matches. */
export function plainLookup(prefixes: readonly string[], destination: string): number {
  const wanted = toNumber(destination)
  let best = -1
  for (const prefix of prefixes) {
    const [network = '', length = '0'] = prefix.split('/')
    const size = 2 ** (32 - Number(length))
    if (Math.floor(wanted / size) === Math.floor(toNumber(network) / size)) best = Math.max(best, Number(length))
  }
  return best
}

/** What is known of one machine of a plain cluster. */
interface PlainMachine {
  readonly name: string
  readonly pods: Map<string, string>
  readonly routes: { readonly prefix: string; readonly via: string }[]
}

/** A cluster as a plain program would make it: a Map of pods and their addresses a node, one list of routes for all. */
export function plainCluster(nodes: number, podsPerNode: number): number {
  const routes: { prefix: string; via: string }[] = []
  const machines: PlainMachine[] = []
  for (let i = 0; i < nodes; i++) {
    const pods = new Map<string, string>()
    for (let j = 0; j < podsPerNode; j++) pods.set(`default/web-${i * podsPerNode + j}`, `10.${i >> 8}.${i & 255}.${j}`)
    routes.push({ prefix: `10.${i >> 8}.${i & 255}.0/26`, via: `172.16.${i >> 8}.${i & 255}` })
    machines.push({ name: `node-${i}`, pods, routes })
  }
  return machines.reduce((sum, machine) => sum + machine.pods.size + machine.routes.length, 0)
}
