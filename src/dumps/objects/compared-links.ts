import type { Interface, Namespace } from '../../model/index.ts'
import { type Compared, type ComparedTable, isCalicoDevice } from './compared.ts'

/** Host ends of pods and tunnel devices: whether they are there, their MTU, addresses and parameters. */
export function comparedLinks(derived: Namespace, dumped: Namespace): ComparedTable {
  return {
    table: 'link',
    expected: Object.values(derived.interfaces).filter(isInUse).map(comparedLink),
    found: Object.values(dumped.interfaces).filter(isInUse).map(comparedLink),
    isCalicos: () => true,
  }
}

/** The module of IPIP makes a `tunl0` that nobody uses. */
function isInUse({ name, up }: Interface): boolean {
  return isCalicoDevice(name) && (name !== 'tunl0' || up)
}

function comparedLink(dev: Interface): Compared {
  const { vxlan, wireguard } = dev
  const addresses = dev.addresses
    .filter(({ scope }) => scope === 'global')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
    .sort()
  const words = [
    `mtu ${dev.mtu}`,
    dev.up ? 'up' : 'down',
    ...addresses,
    ...(dev.kind === 'vxlan' && dev.mac !== undefined ? [dev.mac] : []),
    ...(vxlan === undefined
      ? []
      : [
          `vxlan id ${vxlan.id} dstport ${vxlan.dstport}${vxlan.local === undefined ? '' : ` local ${vxlan.local}`}${vxlan.learning ? '' : ' nolearning'}`,
        ]),
    ...(wireguard === undefined ? [] : [`wireguard port ${wireguard.listenPort} peers ${wireguard.peers.length}`]),
  ]
  return {
    key: dev.name,
    value: words.join(' '),
    text: `${dev.name} ${words.join(' ')}`,
    entry: { of: 'link', link: dev },
    ...(dev.origin === undefined ? {} : { origin: dev.origin }),
  }
}
