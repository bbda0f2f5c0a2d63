import type { TableName } from '../model/index.ts'

/** What a file of a dump holds, by the name `packetwalk collect` gives it. */
export type FileKind =
  | 'link.json'
  | 'addr.json'
  | 'route.json'
  | 'route6.json'
  | 'rule.json'
  | 'rule6.json'
  | 'neigh.json'
  | 'neigh-proxy.json'
  | 'fdb.json'
  | 'sysctl.txt'
  | 'iptables.txt'
  | 'ip6tables.txt'
  | 'ipset.txt'
  | 'conntrack.txt'
  | 'wg.txt'
  | 'rt_tables'
  | 'nft.json'
  | 'tc.json'
  | 'qdisc.json'
  | 'bpf.json'
  | 'ethtool.txt'
  | 'vrf.txt'
  | 'bird-protocols.txt'
  | 'bird-routes.txt'
  | 'other'

/** What the name of a file says of it. */
export interface NamedFile {
  /** What it holds. */
  readonly kind: FileKind
  /** Network namespace it was asked in, where the name says one. */
  readonly netns?: string
  /** Which part of the whole it is: a routing table or an address family; absent = all of it. */
  readonly part?: string
}

const SHOW = '(show|list|ls|lst)?'

/** Names people and collectors give these files, in small letters, without extension and separators. */
const NAMES: readonly (readonly [RegExp, FileKind])[] = [
  [new RegExp(`^ip(v?4|v?6)?(d|s|o|br|j|4|6)*links?${SHOW}$|^links?${SHOW}$`), 'link.json'],
  [new RegExp(`^(ip)?(v?4|v?6)?(d|s|o|br|j|4|6)*(a|addrs?|address|addresses)${SHOW}$|^ifconfiga?$`), 'addr.json'],
  [new RegExp(`^(ip)?(v?6|d6|6d|j6)(d|j)*(r|routes?)${SHOW}(table)?(all|main|local|default|\\d+)?$`), 'route6.json'],
  [new RegExp(`^(ip)?routes?6${SHOW}(table)?(all|main|local|default|\\d+)?$|^route6n$|^ip6route\\w*$`), 'route6.json'],
  [new RegExp(`^(ip)?(v?4)?(d|j|4)*(r|routes?)${SHOW}(table)?(all|main|local|default|\\d+)?$`), 'route.json'],
  [/^(routee?n|routen|netstat(rn|nr|n?r))$/, 'route.json'],
  [new RegExp(`^(ip)?(v?6|6)(j|d)*rules?${SHOW}$|^(ip)?rules?6${SHOW}$`), 'rule6.json'],
  [new RegExp(`^(ip)?(v?4)?(j|d|4)*(rules?|ru)${SHOW}$`), 'rule.json'],
  [new RegExp(`^(ip)?(v?[46])?(j|s|4|6)*(n|neighbou?rs?|neigh)${SHOW}(nud(all)?)?$`), 'neigh.json'],
  [/^(ip)?(neigh|neighbou?r)(show)?proxy$/, 'neigh-proxy.json'],
  [new RegExp(`^(bridge)?(d|s|j)*fdb${SHOW}$`), 'fdb.json'],
  [/^sysctls?(a|all)?$/, 'sysctl.txt'],
  [/^(ip6tables|ipv6tables)\w*$/, 'ip6tables.txt'],
  [/^(iptables|ipv4tables)\w*$/, 'iptables.txt'],
  [/^ipsets?(save|s|list|l)?$/, 'ipset.txt'],
  [/^(nf)?conntrack(l|4|6)?(o?extended)?$/, 'conntrack.txt'],
  [/^(wg|wireguard)(show)?(all)?(dump)?$/, 'wg.txt'],
  [/^rttables$/, 'rt_tables'],
  [/^nft(ables)?(j|a)*(list)?(ruleset)?$/, 'nft.json'],
  [/^tc(j|s|d)*filter(show)?\w*$/, 'tc.json'],
  [/^(tc)?(j|s|d)*qdiscs?(show|list|ls)?$/, 'qdisc.json'],
  [/^(bpftool(j|p)*net(show|list)?|bpfnet)$/, 'bpf.json'],
  [/^ethtool(k\w*)?$/, 'ethtool.txt'],
  [/^(ip)?j?vrfs?(show|list)?$/, 'vrf.txt'],
  [/^(calico)?bird(cl?)?6?(show)?protocols?(all)?$/, 'bird-protocols.txt'],
  [/^(calico)?bird(cl?)?6?(show)?routes?(all)?$/, 'bird-routes.txt'],
  [/^(hostname\w*|ethtool\w*|date|uname\w*|routecache)$/, 'other'],
]

const IN_NETNS =
  /^ip[-_ ]netns[-_ ]exec[-_ ](.+?)[-_ ]((?:ip6?tables|ip|bridge|ipset|sysctl|ss|netstat|nft|tc)[-_ ].*)$/

/** What a file is by its name, or by the folder it is in; undefined when they say nothing. */
export function namedFile(name: string, folder = ''): NamedFile | undefined {
  if (folder === 'rt_tables.d') return { kind: 'rt_tables' }
  const inside = IN_NETNS.exec(name)
  const compact = (inside?.[2] ?? name)
    .toLowerCase()
    .replace(/\.(json|jsonl|txt|log|out)$/, '')
    .replace(/^sudo[-_ ]/, '')
    .replace(/[^a-z0-9]/g, '')
  const kind = NAMES.find(([pattern]) => pattern.test(compact))?.[1]
  if (kind === undefined) return undefined
  const part = partOf(compact, kind)
  return { kind, ...(inside === null ? {} : { netns: inside[1]! }), ...(part === undefined ? {} : { part }) }
}

function partOf(compact: string, kind: FileKind): string | undefined {
  if (kind === 'addr.json' || kind === 'link.json' || kind === 'neigh.json') return /^ip(v?[46])/.exec(compact)?.[1]
  if (kind === 'iptables.txt' || kind === 'ip6tables.txt') return tableIn(compact)
  if (kind !== 'route.json' && kind !== 'route6.json') return undefined
  return /(main|local|default|\d+)$/.exec(compact.replace(/^ip(v?[46])?/, '').replace(/routes?6$/, 'route'))?.[1]
}

/** The table of `iptables -t nat -S` and its like. */
export function tableIn(name: string): TableName | undefined {
  return /(raw|mangle|nat|filter|security)/.exec(name)?.[1] as TableName | undefined
}

/** Folders collectors sort files into: they name no machine. */
const GENERIC =
  /^(networking|network|net|sos_?commands|commands|cmds?|system|systeminfo|sysctls?|host|host_commands|firewall|firewall_tables|iptables|ip|ipset|routes?|kernel|proc|sys|etc|iproute2|var|tmp|run|opt|usr|home|root|logs?|output|network_logs|rt_tables\.d|calico|diagnostics|nftables|ebpf|node-info|nodeinfo)$/i

/** Whether a folder is one every machine has. */
export function isGenericFolder(name: string): boolean {
  return GENERIC.test(name)
}
