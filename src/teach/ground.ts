import type { Draw } from './draw.ts'

/** A machine of a variant. */
export interface Machine {
  /** Name. */
  readonly name: string
  /** IPv4 address. */
  readonly address: string
  /** IPv6 address. */
  readonly address6: string
}

/** What differs from one variant of a scene to another: names and numbers, never the lesson. */
export interface Ground {
  /** Machines on one Ethernet; scenes take as many as they need. */
  readonly nodes: readonly [Machine, Machine, Machine, Machine]
  /** Machines on another Ethernet. */
  readonly far: readonly [Machine, Machine]
  /** The Ethernet of `nodes`. */
  readonly lan: string
  /** Its router. */
  readonly gateway: string
  /** The Ethernet of `far`. */
  readonly farLan: string
  /** Its router. */
  readonly farGateway: string
  /** Addresses of pods. */
  readonly pool: string
  /** IPv6 addresses of pods. */
  readonly pool6: string
  /** The virtual address of a Service. */
  readonly clusterIp: string
  /** An address in the internet. */
  readonly outside: string
  /** Names for pods, each once. */
  readonly pods: readonly [string, string, string, string]
}

const WORDS = 'web shop cart mail blog news chat maps bank wiki forum radio books music photo video'.split(' ')

/** 10.96.0.0/12 is where Services are: pools keep away from it. */
const POOLS: readonly number[] = Array.from({ length: 90 }, (_, i) => (i < 45 ? 20 + i : 120 + i))

/** The names and numbers of a variant. */
export function groundOf(draw: Draw): Ground {
  const numbers = draw.some(
    Array.from({ length: 97 }, (_, i) => i + 2),
    6,
  )
  const hosts = draw.some(
    Array.from({ length: 240 }, (_, i) => i + 10),
    6,
  )
  const [near, far] = draw.some(
    Array.from({ length: 200 }, (_, i) => i + 20),
    2,
  ) as [number, number]
  const net = `172.${draw.int(16, 31)}`
  const machine = (at: number, lan: number): Machine => ({
    name: `node${String(numbers[at]).padStart(2, '0')}`,
    address: `${net}.${lan}.${hosts[at]}`,
    address6: `fd00:${lan}::${hosts[at]}`,
  })
  const pod = draw.pick(POOLS)
  return {
    nodes: [machine(0, near), machine(1, near), machine(2, near), machine(3, near)],
    far: [machine(4, far), machine(5, far)],
    lan: `${net}.${near}.0/24`,
    gateway: `${net}.${near}.1`,
    farLan: `${net}.${far}.0/24`,
    farGateway: `${net}.${far}.1`,
    pool: `10.${pod}.0.0/16`,
    pool6: `fd00:10:${pod}::/64`,
    clusterIp: `10.96.${draw.int(1, 250)}.${draw.int(2, 250)}`,
    outside: `${draw.pick(['198.51.100', '203.0.113', '192.0.2'])}.${draw.int(2, 250)}`,
    pods: draw.some(WORDS, 4) as [string, string, string, string],
  }
}
