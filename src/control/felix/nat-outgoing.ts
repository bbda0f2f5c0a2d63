import type { IpSet, IptRule, Match, NatRange, Origin, Ruleset, Target } from '../../model/index.ts'
import { containsPrefix, type Family, type Ip } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import type { Pool } from '../ipam/pool.ts'
import { originOf } from '../origin.ts'
import type { FelixSettings, Settings } from '../settings/settings.ts'
import type { TunnelDevice } from './mtu.ts'
import { ruleHashes } from './rule-hash.ts'

/** A rule before its hash is known: Felix's long form for the hash, `iptables-save`'s short form for people. */
interface Draft {
  readonly before?: Match
  readonly matches: readonly Match[]
  readonly target: Target
  readonly hashed: string
  readonly saved: { readonly before?: string; readonly after: string }
  readonly origin: Origin
}

const LINK = (chain: string, origin: Origin): Draft => ({
  matches: [],
  target: { kind: 'jump', chain },
  hashed: `--jump ${chain}`,
  saved: { after: `-j ${chain}` },
  origin,
})

/** Rules of a chain with their `cali:` comments. */
function chainOf(chain: string, hashName: string, drafts: readonly Draft[]): IptRule[] {
  const hashes = ruleHashes(
    hashName,
    drafts.map((draft) => draft.hashed),
  )
  return drafts.map((draft, i) => {
    const comment = `cali:${hashes[i]}`
    const parts = ['-A', chain, draft.saved.before, `-m comment --comment "${comment}"`, draft.saved.after]
    return {
      matches: [...(draft.before ? [draft.before] : []), { kind: 'comment', comment }, ...draft.matches],
      target: draft.target,
      text: parts.filter((part) => part !== undefined).join(' '),
      origin: draft.origin,
    }
  })
}

/** The set names of a family. */
function setNames(
  family: Family,
  settings: Settings,
): { readonly masq: string; readonly all: string; readonly hosts: string } {
  const prefix = family === 4 ? 'cali40' : 'cali60'
  return {
    masq: `${prefix}masq-ipam-pools`,
    all: `${prefix}${settings.traits.poolSet}`,
    hosts: `${prefix}all-hosts-net`,
  }
}

/** What pods send out of the pools is masqueraded. */
function natOutgoing(family: Family, felix: FelixSettings, settings: Settings, pools: readonly Pool[]): Draft {
  const names = setNames(family, settings)
  const matches: Match[] = [
    { kind: 'set', set: names.masq, dims: ['src'] },
    { kind: 'set', set: names.all, dims: ['dst'], invert: true },
  ]
  let text = `-m set --match-set ${names.masq} src -m set ! --match-set ${names.all} dst`
  if (felix.natOutgoingExclusions === 'IPPoolsAndHostIPs') {
    matches.push({ kind: 'set', set: names.hosts, dims: ['dst'], invert: true })
    text += ` -m set ! --match-set ${names.hosts} dst`
  }
  const first = pools.find((pool) => pool.natOutgoing)
  const origin = originOf('felix', first?.resource, ['spec', 'natOutgoing'])
  const source = felix.natOutgoingAddress
  if (source !== '') {
    const range: NatRange = { minAddress: source as Ip, maxAddress: source as Ip, randomFully: true }
    return {
      matches,
      target: { kind: 'SNAT', range },
      hashed: `${text} --jump SNAT --to-source ${source} --random-fully`,
      saved: { after: `${text} -j SNAT --to-source ${source} --random-fully` },
      origin,
    }
  }
  return {
    matches,
    target: { kind: 'MASQUERADE', range: { randomFully: true } },
    hashed: `${text} --jump MASQUERADE --random-fully`,
    saved: { after: `${text} -j MASQUERADE --random-fully` },
    origin,
  }
}

/** Packets a process of the node sends into a tunnel with another address than the tunnel's get the tunnel's. */
function tunnelMasquerade(device: TunnelDevice, avoidPort: boolean): Draft[] {
  const origin: Origin = { component: 'felix', note: 'host processes use the tunnel address towards remote pods' }
  const types = '-m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL'
  const matches: Match[] = [
    { kind: 'addrtype', srcType: { types: ['LOCAL'], invert: true }, limitIfaceOut: true },
    { kind: 'addrtype', srcType: { types: ['LOCAL'] } },
  ]
  const before: Match = { kind: 'out-interface', name: device }
  const drafts: Draft[] = []
  if (avoidPort) {
    drafts.push({
      before,
      matches: [{ kind: 'protocol', protocol: 17 }, ...matches],
      target: { kind: 'MASQUERADE', range: { minPort: 4790, maxPort: 65535, randomFully: true } },
      hashed: `--out-interface ${device} -p udp ${types} --jump MASQUERADE --to-ports 4790-65535 --random-fully`,
      saved: { before: `-o ${device} -p udp`, after: `${types} -j MASQUERADE --to-ports 4790-65535 --random-fully` },
      origin,
    })
  }
  drafts.push({
    before,
    matches,
    target: { kind: 'MASQUERADE', range: { randomFully: true } },
    hashed: `--out-interface ${device} ${types} --jump MASQUERADE --random-fully`,
    saved: { before: `-o ${device}`, after: `${types} -j MASQUERADE --random-fully` },
    origin,
  })
  return drafts
}

const POSTROUTING_ORIGIN: Origin = { component: 'felix' }

/**
 * The nat table of a node: floating addresses (none), natOutgoing, and masquerading into tunnels. Policy chains are not part
 * of it.
 *
 * @param devices - tunnel devices that have an address on this node
 * @calico felix/rules/static.go, felix/rules/nat.go
 */
export function natTable(
  family: Family,
  felix: FelixSettings,
  devices: readonly TunnelDevice[],
  pools: readonly Pool[],
  settings: Settings,
): Ruleset {
  const own = pools.filter((pool) => pool.family === family)
  const masquerades = own.some((pool) => pool.natOutgoing)
  const origin = POSTROUTING_ORIGIN
  const avoidPort = settings.traits.masqueradeAvoidsVxlanPort && devices.some((device) => device.startsWith('vxlan'))
  const tunnels = devices.flatMap((device) => tunnelMasquerade(device, avoidPort))
  const postrouting = settings.traits.natPostroutingAppended ? 'POSTROUTING*appends*' : 'POSTROUTING'
  const link = (base: string, hashName = base): IptRule[] => chainOf(base, hashName, [LINK(`cali-${base}`, origin)])
  return {
    tables: {
      nat: {
        chains: {
          PREROUTING: { policy: 'ACCEPT', rules: link('PREROUTING') },
          INPUT: { policy: 'ACCEPT', rules: [] },
          OUTPUT: { policy: 'ACCEPT', rules: link('OUTPUT') },
          POSTROUTING: { policy: 'ACCEPT', rules: link('POSTROUTING', postrouting) },
          'cali-OUTPUT': { rules: chainOf('cali-OUTPUT', 'cali-OUTPUT', [LINK('cali-fip-dnat', origin)]) },
          'cali-POSTROUTING': {
            rules: chainOf('cali-POSTROUTING', 'cali-POSTROUTING', [
              LINK('cali-fip-snat', origin),
              LINK('cali-nat-outgoing', origin),
              ...tunnels,
            ]),
          },
          'cali-PREROUTING': { rules: chainOf('cali-PREROUTING', 'cali-PREROUTING', [LINK('cali-fip-dnat', origin)]) },
          'cali-fip-dnat': { rules: [] },
          'cali-fip-snat': { rules: [] },
          'cali-nat-outgoing': {
            rules: masquerades
              ? chainOf('cali-nat-outgoing', 'cali-nat-outgoing', [natOutgoing(family, felix, settings, own)])
              : [],
          },
        },
      },
    },
  }
}

/** Ranges without those that lie in another of them. */
function outermost(pools: readonly Pool[]): string[] {
  const ranges = pools.map((pool) => pool.cidr)
  return ranges.filter((range) => !ranges.some((other) => other !== range && containsPrefix(other, range)))
}

/** The ipsets the nat table asks, one object a cluster. @calico felix/dataplane/linux/masq_mgr.go */
export function natSets(
  family: Family,
  pools: readonly Pool[],
  nodes: readonly ClusterNode[],
  settings: Settings,
): Record<string, IpSet> {
  const names = setNames(family, settings)
  const own = pools.filter((pool) => pool.family === family)
  const set = (name: string, members: readonly string[], origin: Origin): IpSet => ({
    name,
    type: 'hash:net',
    family: family === 4 ? 'inet' : 'inet6',
    members,
    options: 'hashsize 1024 maxelem 1048576',
    origin,
  })
  const masquerading = own.filter((pool) => pool.natOutgoing)
  const hosts = nodes.flatMap((node) => addressOfNode(node, family)?.address ?? [])
  return {
    [names.masq]: set(
      names.masq,
      outermost(masquerading),
      originOf('felix', masquerading[0]?.resource, ['spec', 'natOutgoing'], 'ranges of the pools with natOutgoing'),
    ),
    [names.all]: set(names.all, outermost(own), { component: 'felix', note: 'ranges of all pools' }),
    [names.hosts]: set(names.hosts, hosts, { component: 'felix', note: 'addresses of all nodes' }),
  }
}
