// A small network, and what it is after commands.
import { applyCommand } from '../../src/commands/index.ts'
import { cable, iface, type Namespace, type Network, namespace, networkOf } from '../../src/model/index.ts'

/** `n` with a card, a bridge with one port and a VXLAN device; `far` at the other ends. */
export const start = networkOf(
  [
    namespace('n', {
      interfaces: [
        iface({ name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'], mac: '02:00:00:00:00:01' }),
        iface({ name: 'br0', kind: 'bridge', mac: '02:00:00:00:00:0b', bridge: {} }),
        iface({ name: 'p0', kind: 'veth', mac: '02:00:00:00:00:0c', master: 'br0', port: {} }),
        iface({ name: 'vx', kind: 'vxlan', mac: '02:00:00:00:00:0d', vxlan: vxlanOf(7) }),
      ],
    }),
    namespace('far', {
      interfaces: [iface({ name: 'eth0', mac: '02:00:00:00:00:02' }), iface({ name: 'p0', mac: '02:00:00:00:00:03' })],
    }),
  ],
  [cable(['n', 'eth0'], ['far', 'eth0']), cable(['n', 'p0'], ['far', 'p0'])],
)

function vxlanOf(id: number) {
  return {
    id,
    dstport: 4789,
    ttl: 0,
    tos: 0,
    df: 'unset',
    learning: true,
    udpcsum: true,
    udp6zerocsumtx: false,
    udp6zerocsumrx: false,
  } as const
}

/** The network after commands in `n`; each must succeed. */
export function changed(...commands: string[]): Network {
  return commands.reduce((network: Network, command) => {
    const result = applyCommand(network, 'n', command)
    if ('refused' in result) throw new TypeError(`${command}: ${result.refused}`)
    return result.network
  }, start)
}

/** The namespace the commands run in. */
export const own = (network: Network): Namespace => network.namespaces['n']!
/** What a printer looks at. */
export const view = (network: Network) => ({ network, ns: own(network) })
/** Lines that are not empty, without blanks around. */
export const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
