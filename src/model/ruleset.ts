import type { Ip, Prefix } from '../wire/index.ts'
import type { Origin } from './origin.ts'
import type { RuleMeaning } from './rule-meaning.ts'

/** The tables packetwalk knows, in `iptables` words. */
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security'

/** What `iptables-save` says of one family: tables of chains of rules. */
export interface Ruleset {
  /** Tables that were loaded, in the order of the dump. */
  readonly tables: Readonly<Partial<Record<TableName, Table>>>
  /** Which tool wrote it. */
  readonly backend?: 'legacy' | 'nft'
}

/** A table: chains by name, base chains (with a policy) first as dumped. */
export interface Table {
  /** Chains by name, in dump order. */
  readonly chains: Readonly<Record<string, Chain>>
}

/** A chain. */
export interface Chain {
  /** Policy; only base chains have one. */
  readonly policy?: 'ACCEPT' | 'DROP'
  /** Rules in order. */
  readonly rules: readonly IptRule[]
}

/** One rule. */
export interface IptRule {
  /** All must hold, in this order. */
  readonly matches: readonly Match[]
  /** Absent: the rule only counts. */
  readonly target?: Target
  /** The words of the dump it was read from, from `-A`, without counters; absent: as `linux` prints it. */
  readonly text?: string
  /** What made it. */
  readonly origin?: Origin
  /** What it stands for, where Felix, kube-proxy or the portmap plugin made it. */
  readonly meaning?: RuleMeaning
}

/** An inclusive port range. */
export interface PortRange {
  /** First port. */
  readonly low: number
  /** Last port. */
  readonly high: number
}

/** Conntrack states a rule can ask for. */
export type CtState = 'INVALID' | 'NEW' | 'ESTABLISHED' | 'RELATED' | 'UNTRACKED' | 'SNAT' | 'DNAT'

/** Address types of `-m addrtype`. */
export type AddrType =
  | 'UNSPEC'
  | 'UNICAST'
  | 'LOCAL'
  | 'BROADCAST'
  | 'ANYCAST'
  | 'MULTICAST'
  | 'BLACKHOLE'
  | 'UNREACHABLE'
  | 'PROHIBIT'
  | 'THROW'

/**
 * A match. `invert` is the `!` before it. A match that is not modelled is kept as `unsupported` with its text: a packet
 * that reaches it ends loudly, by name, never silently.
 */
export type Match =
  | { readonly kind: 'in-interface'; readonly name: string; readonly invert?: boolean }
  | { readonly kind: 'out-interface'; readonly name: string; readonly invert?: boolean }
  | { readonly kind: 'protocol'; readonly protocol: number; readonly invert?: boolean }
  | { readonly kind: 'source'; readonly prefix: Prefix; readonly invert?: boolean }
  | { readonly kind: 'destination'; readonly prefix: Prefix; readonly invert?: boolean }
  | { readonly kind: 'fragment'; readonly invert?: boolean }
  | {
      readonly kind: 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite'
      readonly sport?: PortRange & { readonly invert?: boolean }
      readonly dport?: PortRange & { readonly invert?: boolean }
      readonly flags?: { readonly mask: number; readonly comp: number; readonly invert?: boolean }
      readonly option?: { readonly number: number; readonly invert?: boolean }
    }
  | { readonly kind: 'icmp' | 'icmp6'; readonly type: number; readonly code?: PortRange; readonly invert?: boolean }
  | { readonly kind: 'mark'; readonly mark: number; readonly mask: number; readonly invert?: boolean }
  | { readonly kind: 'connmark'; readonly mark: number; readonly mask: number; readonly invert?: boolean }
  | {
      readonly kind: 'conntrack'
      readonly state?: { readonly states: readonly CtState[]; readonly invert?: boolean }
      readonly status?: { readonly bits: readonly string[]; readonly invert?: boolean }
      readonly ctdir?: 'ORIGINAL' | 'REPLY'
      readonly ctproto?: { readonly protocol: number; readonly invert?: boolean }
      readonly ctorigsrc?: { readonly prefix: Prefix; readonly invert?: boolean }
      readonly ctorigdst?: { readonly prefix: Prefix; readonly invert?: boolean }
      readonly ctreplsrc?: { readonly prefix: Prefix; readonly invert?: boolean }
      readonly ctrepldst?: { readonly prefix: Prefix; readonly invert?: boolean }
      readonly ctorigdstport?: PortRange & { readonly invert?: boolean }
    }
  | {
      readonly kind: 'set'
      readonly set: string
      readonly dims: readonly ('src' | 'dst')[]
      readonly invert?: boolean
    }
  | {
      readonly kind: 'multiport'
      readonly side: 'sports' | 'dports' | 'ports'
      readonly ports: readonly PortRange[]
      readonly invert?: boolean
    }
  | { readonly kind: 'comment'; readonly comment: string }
  | {
      readonly kind: 'addrtype'
      readonly srcType?: { readonly types: readonly AddrType[]; readonly invert?: boolean }
      readonly dstType?: { readonly types: readonly AddrType[]; readonly invert?: boolean }
      readonly limitIfaceIn?: boolean
      readonly limitIfaceOut?: boolean
    }
  | {
      readonly kind: 'rpfilter'
      readonly loose?: boolean
      readonly validmark?: boolean
      readonly acceptLocal?: boolean
      readonly invert?: boolean
    }
  | {
      readonly kind: 'statistic'
      readonly mode: 'nth' | 'random'
      readonly every?: number
      readonly packet?: number
      readonly probability?: number
      readonly invert?: boolean
    }
  | {
      readonly kind: 'physdev'
      readonly physdevIn?: { readonly name: string; readonly invert?: boolean }
      readonly physdevOut?: { readonly name: string; readonly invert?: boolean }
      readonly isIn?: { readonly invert?: boolean }
      readonly isOut?: { readonly invert?: boolean }
      readonly isBridged?: { readonly invert?: boolean }
    }
  | { readonly kind: 'limit'; readonly rate: string; readonly burst: number }
  /** A list of addresses that were seen: written to, or asked. */
  | {
      readonly kind: 'recent'
      readonly op: 'set' | 'rcheck' | 'update' | 'remove'
      /** Name of the list. */
      readonly name: string
      /** Which address of the packet. */
      readonly side: 'rsource' | 'rdest'
      /** Which bits of it. */
      readonly mask: Ip
      /** Only if it was seen within so many seconds. */
      readonly seconds?: number
      /** The oldest entry is taken out when it is older than that. */
      readonly reap?: boolean
      /** Only if it was seen so often. */
      readonly hitcount?: number
      /** Only with the same TTL. */
      readonly rttl?: boolean
      readonly invert?: boolean
    }
  | { readonly kind: 'iprange'; readonly src?: AddressRange; readonly dst?: AddressRange }
  | { readonly kind: 'length'; readonly range: PortRange; readonly invert?: boolean }
  | { readonly kind: 'ttl'; readonly op: 'eq' | 'lt' | 'gt'; readonly ttl: number; readonly invert?: boolean }
  | { readonly kind: 'tos' | 'dscp'; readonly value: number; readonly mask: number; readonly invert?: boolean }
  | { readonly kind: 'pkttype'; readonly type: 'unicast' | 'broadcast' | 'multicast'; readonly invert?: boolean }
  | { readonly kind: 'mac'; readonly source: string; readonly invert?: boolean }
  | { readonly kind: 'u32'; readonly tests: readonly U32Test[]; readonly invert?: boolean }
  | { readonly kind: 'unsupported'; readonly name: string; readonly text: string }

/** One step of a test of `-m u32`: what is done with the word that was read last; `@` reads anew, that many bytes further. */
export interface U32Step {
  /** What is done. */
  readonly op: '&' | '<<' | '>>' | '@'
  /** With what. */
  readonly value: number
}

/** One test of `-m u32`: a word of 32 bits, by what steps it is found, and which values it may have. */
export interface U32Test {
  /** Offset of the first word from the IP header, in bytes. */
  readonly start: number
  /** Steps in order. */
  readonly steps: readonly U32Step[]
  /** Ranges of values, ends included. */
  readonly ranges: readonly { readonly low: number; readonly high: number }[]
}

/** An inclusive address range of `-m iprange`. */
export interface AddressRange {
  /** First address. */
  readonly from: Ip
  /** Last address. */
  readonly to: Ip
  /** `!` before it. */
  readonly invert?: boolean
}

/** Kinds of `REJECT --reject-with`, IPv4 and IPv6. */
export type RejectWith =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-proto-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited'
  | 'tcp-reset'
  | 'icmp6-no-route'
  | 'icmp6-adm-prohibited'
  | 'icmp6-addr-unreachable'
  | 'icmp6-port-unreachable'
  | 'icmp6-policy-fail'
  | 'icmp6-reject-route'

/** Address and port range a NAT target may choose from. */
export interface NatRange {
  /** First address; absent = keep. */
  readonly minAddress?: Ip
  /** Last address. */
  readonly maxAddress?: Ip
  /** First port; absent = keep. */
  readonly minPort?: number
  /** Last port. */
  readonly maxPort?: number
  /** `--random`. */
  readonly random?: boolean
  /** `--random-fully`. */
  readonly randomFully?: boolean
  /** `--persistent`. */
  readonly persistent?: boolean
}

/** What a rule does. */
export type Target =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'RETURN' }
  | { readonly kind: 'jump'; readonly chain: string }
  | { readonly kind: 'goto'; readonly chain: string }
  | { readonly kind: 'REJECT'; readonly rejectWith: RejectWith }
  | {
      readonly kind: 'MARK'
      readonly op: 'set-xmark' | 'and' | 'or' | 'xor'
      readonly value: number
      readonly mask: number
    }
  | {
      readonly kind: 'CONNMARK'
      readonly op: 'set-xmark' | 'save-mark' | 'restore-mark'
      readonly value: number
      readonly mask: number
      /** `--nfmask`, for save and restore. */
      readonly nfmask: number
    }
  | { readonly kind: 'NOTRACK' }
  | { readonly kind: 'CT'; readonly notrack: boolean; readonly zone?: number; readonly helper?: string }
  | {
      readonly kind: 'LOG'
      readonly prefix: string
      /** `--log-level`; absent = 4 (warning). */
      readonly level?: number
    }
  | {
      readonly kind: 'NFLOG'
      readonly prefix: string
      /** `--nflog-group`; absent = 0. */
      readonly group?: number
      /** `--nflog-size`: how many bytes are copied; absent = all. */
      readonly size?: number
    }
  | { readonly kind: 'SNAT' | 'DNAT'; readonly range: NatRange }
  | { readonly kind: 'MASQUERADE' | 'REDIRECT'; readonly range: NatRange }
  | { readonly kind: 'NETMAP'; readonly to: Prefix }
  | { readonly kind: 'TCPMSS'; readonly clampToPmtu: boolean; readonly mss?: number }
  | { readonly kind: 'CHECKSUM' }
  | { readonly kind: 'TTL'; readonly op: 'set' | 'inc' | 'dec'; readonly value: number }
  | { readonly kind: 'TOS' | 'DSCP'; readonly value: number; readonly mask: number }
  | {
      readonly kind: 'SET'
      readonly op: 'add' | 'del'
      readonly set: string
      readonly dims: readonly ('src' | 'dst')[]
    }
  | { readonly kind: 'unsupported'; readonly name: string; readonly text: string }

/** Types of set packetwalk evaluates. */
export type IpSetType =
  | 'hash:ip'
  | 'hash:net'
  | 'hash:ip,port'
  | 'hash:net,port'
  | 'hash:net,net'
  | 'hash:ip,port,ip'
  | 'hash:ip,port,net'
  | 'hash:mac'
  | 'bitmap:port'
  | 'bitmap:ip'
  | 'list:set'

/** An ipset, as `ipset save` prints it. */
export interface IpSet {
  /** Name. */
  readonly name: string
  /** Type. */
  readonly type: IpSetType
  /** `inet` or `inet6`; absent for `list:set` and `bitmap:*`. */
  readonly family?: 'inet' | 'inet6'
  /** Members in `ipset save` words: `10.0.0.0/8`, `10.0.0.1,tcp:80`, `80`, `nomatch` after a space where set. */
  readonly members: readonly string[]
  /** Remaining `create` options, verbatim. */
  readonly options?: string
  /** What made it. */
  readonly origin?: Origin
}
