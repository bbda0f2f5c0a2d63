import type { Arbitrary } from 'fast-check'
import {
  cable,
  type InterfaceParts,
  type Namespace,
  type Network,
  namespace,
  networkOf,
  route,
} from '../model/index.ts'
import { fc } from './fast-check.ts'

/** Which networks {@link network} makes. */
export interface NetworkOptions {
  /** Most routers between the two hosts; absent = 4. */
  readonly routers?: number
}

/** A small network made at random: two hosts and a line of routers between them. */
export interface RandomNetwork {
  /** The network. */
  readonly network: Network
  /** Name of one host. */
  readonly from: string
  /** Name of the other. */
  readonly to: string
  /** Address of the other. */
  readonly address: string
  /** Names of the routers from one host to the other. */
  readonly routers: readonly string[]
  /** MTU of each wire from one host to the other, in bytes. */
  readonly mtus: readonly number[]
}

/** An end of wire `at`: the left end is .1, the right one .2. */
function wireEnd(name: string, at: number, end: 1 | 2, mtu: number): InterfaceParts {
  return { name, kind: 'ethernet', mtu, mac: `02:00:00:00:0${at}:0${end}`, addresses: [`10.${at}.0.${end}/24`] }
}

function host(name: string, at: number, end: 1 | 2, mtu: number): Namespace {
  const gateway = route('default', { via: `10.${at}.0.${3 - end}`, dev: 'eth0' })
  return namespace(name, { interfaces: [wireEnd('eth0', at, end, mtu)], routes: [gateway] })
}

function router(name: string, at: number, mtus: readonly number[]): Namespace {
  const routes = mtus.flatMap((_, n) => {
    if (n < at) return [route(`10.${n}.0.0/24`, { via: `10.${at}.0.1`, dev: 'eth0' })]
    return n > at + 1 ? [route(`10.${n}.0.0/24`, { via: `10.${at + 1}.0.2`, dev: 'eth1' })] : []
  })
  const interfaces = [wireEnd('eth0', at, 2, mtus[at]!), wireEnd('eth1', at + 1, 1, mtus[at + 1]!)]
  return namespace(name, { role: 'router', interfaces, routes, forwarding: true })
}

function line(mtus: readonly number[]): RandomNetwork {
  const routers = mtus.slice(1).map((_, i) => `r${i + 1}`)
  const last = mtus.length - 1
  const names = ['left', ...routers, 'right']
  const namespaces = [
    host('left', 0, 1, mtus[0]!),
    ...routers.map((name, at) => router(name, at, mtus)),
    host('right', last, 2, mtus[last]!),
  ]
  const wires = mtus.map((_, i) => cable([names[i]!, i === 0 ? 'eth0' : 'eth1'], [names[i + 1]!, 'eth0']))
  const address = `10.${last}.0.2`
  return { network: networkOf(namespaces, wires), from: 'left', to: 'right', address, routers, mtus }
}

/** A small network by hand: two hosts, up to four routers in a line, an MTU for each wire, and static routes that fit. */
export function network(options: NetworkOptions = {}): Arbitrary<RandomNetwork> {
  const most = Math.min(options.routers ?? 4, 8)
  const mtu = fc().constantFrom(576, 1280, 1400, 1500, 9000)
  return fc()
    .array(mtu, { minLength: 1, maxLength: most + 1 })
    .map(line)
}
