import type { Family, Ip } from '../../../wire/index.ts'
import { vtepMac } from '../../names.ts'
import type { FelixNode } from './felix-node.ts'

/** The VXLAN tunnel endpoint of a node; of a family that it has not both addresses of there is nothing. */
export interface FelixVtep {
  /** Node. */
  readonly node: string
  /** MAC of vxlan.calico. */
  readonly mac?: string
  /** Address of vxlan.calico. */
  readonly ipv4?: Ip
  /** Address that packets between the nodes go to. */
  readonly parentIpv4?: Ip
  /** MAC of vxlan-v6.calico. */
  readonly mac6?: string
  /** Address of vxlan-v6.calico. */
  readonly ipv6?: Ip
  /** Address that packets between the nodes go to. */
  readonly parentIpv6?: Ip
}

/** One end of a tunnel. */
interface End {
  readonly mac: string
  readonly address: Ip
  readonly parent: Ip
}

/** Only an address that calico-node published counts: what Kubernetes lists does not make a node an end of a tunnel. */
function endOf({ name, own, vxlan, vxlanMac }: FelixNode, family: Family): End | undefined {
  const [address, parent] = [vxlan[family], own[family]?.address]
  if (address === undefined || parent === undefined) return undefined
  return { mac: vxlanMac[family] ?? vtepMac(name, family), address, parent }
}

/** The tunnel endpoints of all nodes, by name. @calico felix/calc/vxlan_resolver.go */
export function felixVteps(nodes: ReadonlyMap<string, FelixNode>): readonly FelixVtep[] {
  return byName(nodes).flatMap((node) => {
    const [v4, v6] = [endOf(node, 4), endOf(node, 6)]
    if (v4 === undefined && v6 === undefined) return []
    return [
      {
        node: node.name,
        ...(v4 === undefined ? {} : { mac: v4.mac, ipv4: v4.address, parentIpv4: v4.parent }),
        ...(v6 === undefined ? {} : { mac6: v6.mac, ipv6: v6.address, parentIpv6: v6.parent }),
      },
    ]
  })
}

/** A node that has a public key of WireGuard. */
export interface WireguardEnd {
  /** Node. */
  readonly node: string
  /** Its key. */
  readonly publicKey: string
  /** Address of its device; absent while it has none. */
  readonly address?: Ip
}

/** The nodes with keys, by name. @calico felix/calc/event_sequencer.go */
export function wireguardEnds(nodes: ReadonlyMap<string, FelixNode>, family: Family): readonly WireguardEnd[] {
  return byName(nodes).flatMap(({ name, keys, wireguard }) => {
    const [publicKey, address] = [keys[family], wireguard[family]]
    return publicKey === undefined ? [] : [{ node: name, publicKey, ...(address === undefined ? {} : { address }) }]
  })
}

function byName(nodes: ReadonlyMap<string, FelixNode>): FelixNode[] {
  return [...nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
