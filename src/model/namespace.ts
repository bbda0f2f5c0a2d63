import type { ConntrackEntry } from './conntrack-entry.ts'
import type { Interface } from './interface.ts'
import type { FdbEntry, Neighbour, ProxyNeighbour } from './neighbour.ts'
import type { Origin } from './origin.ts'
import type { Route, Rule } from './route.ts'
import type { IpSet, Ruleset } from './ruleset.ts'
import type { SharedView } from './shared-table.ts'

/** What a namespace stands for. */
export type Role = 'node' | 'pod' | 'router' | 'external' | 'container' | 'switch' | 'host'

/** Sysctl values by key, spelled as `sysctl` prints them; a dot inside an interface name is `/`. Only what differs from the kernel's default need be here. */
export type Sysctls = Readonly<Record<string, string>>

/** One network namespace: what the tools would print in it. */
export interface Namespace {
  /** Name, unique in the network: the node's name, `namespace/pod` for a pod. */
  readonly name: string
  /** What it stands for. */
  readonly role: Role
  /** Interfaces by name; `ifindex` gives the order. */
  readonly interfaces: Readonly<Record<string, Interface>>
  /** Routes of all tables and both families, in dump order. Local and connected routes are part of it. */
  readonly routes: readonly Route[]
  /** Policy rules; empty = the kernel's three defaults. */
  readonly rules: readonly Rule[]
  /** Static and learned neighbours. */
  readonly neighbours: readonly Neighbour[]
  /** Proxy neighbours. */
  readonly proxyNeighbours: readonly ProxyNeighbour[]
  /** Forwarding database. */
  readonly fdb: readonly FdbEntry[]
  /** Sysctls that differ from the defaults (see `sysctlOf`). */
  readonly sysctls: Sysctls
  /** What set a sysctl, by key, where that is not what made its interface. */
  readonly sysctlOrigins?: Readonly<Record<string, Origin>>
  /** `iptables-save`. */
  readonly iptables?: Ruleset
  /** `ip6tables-save`. */
  readonly ip6tables?: Ruleset
  /** `ipset save`, by name. */
  readonly ipsets?: Readonly<Record<string, IpSet>>
  /** Connections a dump listed; seeds conntrack. */
  readonly conntrack?: readonly ConntrackEntry[]
  /** Entries shared with other namespaces, seen from here. */
  readonly shared?: readonly SharedView[]
  /** What made it. */
  readonly origin?: Origin
}
