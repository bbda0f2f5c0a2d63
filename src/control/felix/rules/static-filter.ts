import { setName } from '../felix-set.ts'
import type { FelixChain, FelixMatch, FelixRule } from './chain.ts'
import { denyOf, filterAllow, isEnabled, type RuleContext, rejectOf, workloadDevs } from './context.ts'
import {
  ACCEPT,
  ALLOWED_BEFORE,
  BY_HOST_POLICY,
  builtInJump,
  clearMark,
  DROP,
  dport,
  FROM_LOCAL,
  goTo,
  IPIP,
  inDev,
  inSet,
  jumpTo,
  marked,
  net,
  notCtState,
  outDev,
  protocol,
  RETURN,
  rule,
  setMark,
  TO_LOCAL,
  UDP,
  unmarked,
} from './words.ts'

const TUNNEL = { kind: 'tunnel' } as const

/** What policy let through before is let through. */
function acceptMarked(context: RuleContext, comment?: string): FelixRule {
  const meaning = ALLOWED_BEFORE
  return rule([marked(context.marks.accept)], filterAllow(context), {
    meaning,
    ...(comment === undefined ? {} : { comment }),
  })
}

/** IPIP only from nodes of the cluster. */
function ipipInput(context: RuleContext): FelixRule[] {
  if (!isEnabled(context, 'ipip')) return []
  const { action, word } = denyOf(context)
  const hosts = inSet(setName('all-hosts-net', context.family), 'src')
  return [
    rule([IPIP, hosts, TO_LOCAL], filterAllow(context), {
      comment: 'Allow IPIP packets from Calico hosts',
      meaning: TUNNEL,
    }),
    rule([IPIP], action, { comment: `${word} IPIP packets from non-Calico hosts`, meaning: TUNNEL }),
  ]
}

/** VXLAN only from nodes of the cluster. */
function vxlanInput(context: RuleContext): FelixRule[] {
  if (!isEnabled(context, 'vxlan')) return []
  const { family, vxlanPort } = context
  // For IPv4 Felix drops whatever it is told to do with what it denies.
  const { action, word } = family === 4 ? { action: DROP, word: 'Drop' } : denyOf(context)
  const hosts = inSet(setName('all-vxlan-net', family), 'src')
  const what = vxlanWord(context)
  return [
    rule([UDP, dport(vxlanPort), hosts, TO_LOCAL], filterAllow(context), {
      comment: `Allow ${what} packets from allowed hosts`,
      meaning: TUNNEL,
    }),
    rule([UDP, dport(vxlanPort), TO_LOCAL], action, {
      comment: `${word} ${what} packets from non-allowed hosts`,
      meaning: TUNNEL,
    }),
  ]
}

/** Before VXLAN came to IPv6, comments named no family. */
function vxlanWord({ traits, family }: RuleContext): string {
  return traits.vxlanIpv6 ? `IPv${family} VXLAN` : 'VXLAN'
}

/** WireGuard knows its peers by itself. */
function wireguardRule(context: RuleContext, way: 'incoming' | 'outgoing'): FelixRule[] {
  if (!isEnabled(context, 'wireguard')) return []
  const { family, wireguardPort } = context
  return [
    rule([UDP, dport(wireguardPort), way === 'incoming' ? TO_LOCAL : FROM_LOCAL], filterAllow(context), {
      comment: `Allow ${way} IPv${family} Wireguard packets`,
      meaning: TUNNEL,
    }),
  ]
}

function inputChain(context: RuleContext): FelixChain {
  return {
    name: 'cali-INPUT',
    rules: [
      ...ipipInput(context),
      ...vxlanInput(context),
      ...wireguardRule(context, 'incoming'),
      rule([inDev(workloadDevs(context))], goTo('cali-wl-to-host')),
      acceptMarked(context),
      rule([], clearMark(context.marks.all)),
      rule([], jumpTo('cali-from-host-endpoint')),
      acceptMarked(context, BY_HOST_POLICY),
    ],
  }
}

/** ICMPv6 that no link works without: multicast listeners, router and neighbour solicitations, advertisements of neighbours. */
const LINK_ICMPV6 = [130, 131, 132, 133, 135, 136]

function workloadToHostChain(context: RuleContext): FelixChain {
  const { settings, family } = context
  const link =
    family === 4
      ? []
      : LINK_ICMPV6.map((type) => {
          const match: FelixMatch[] = [protocol(58), { kind: 'icmp6', type }]
          return rule(match, filterAllow(context))
        })
  const kind = settings.endpointToHost
  const action = kind === 'REJECT' ? rejectOf(family) : kind === 'DROP' ? DROP : kind === 'RETURN' ? RETURN : ACCEPT
  return {
    name: 'cali-wl-to-host',
    rules: [
      ...link,
      rule([], jumpTo('cali-from-wl-dispatch')),
      rule([], action, {
        comment: 'Configured DefaultEndpointToHostAction',
        meaning: { kind: 'endpoint-to-host', action: kind },
      }),
    ],
  }
}

function forwardChain(context: RuleContext): FelixChain {
  const { accept, all } = context.marks
  return {
    name: 'cali-FORWARD',
    rules: [
      rule([], clearMark((all & ~accept) >>> 0)),
      rule([unmarked(accept)], jumpTo('cali-from-hep-forward')),
      rule([inDev(workloadDevs(context))], jumpTo('cali-from-wl-dispatch')),
      rule([outDev(workloadDevs(context))], jumpTo('cali-to-wl-dispatch')),
      rule([], jumpTo('cali-to-hep-forward')),
      rule([], jumpTo('cali-cidr-block')),
    ],
  }
}

/** What a node may send into tunnels, whatever policies of hosts say. */
function tunnelOutput(context: RuleContext): FelixRule[] {
  const { family, vxlanPort } = context
  const allow = filterAllow(context)
  const rules: FelixRule[] = []
  if (isEnabled(context, 'ipip')) {
    const hosts = inSet(setName('all-hosts-net', family), 'dst')
    const comment = 'Allow IPIP packets to other Calico hosts'
    rules.push(rule([IPIP, hosts, FROM_LOCAL], allow, { comment, meaning: TUNNEL }))
  }
  if (isEnabled(context, 'vxlan')) {
    const hosts = inSet(setName('all-vxlan-net', family), 'dst')
    const comment = `Allow ${vxlanWord(context)} packets to other allowed hosts`
    rules.push(rule([UDP, dport(vxlanPort), FROM_LOCAL, hosts], allow, { comment, meaning: TUNNEL }))
  }
  return [...rules, ...wireguardRule(context, 'outgoing')]
}

function outputChain(context: RuleContext): FelixChain {
  return {
    name: 'cali-OUTPUT',
    rules: [
      acceptMarked(context),
      rule([outDev(workloadDevs(context))], RETURN),
      ...tunnelOutput(context),
      rule([], clearMark(context.marks.all)),
      // A translated packet is asked about in mangle POSTROUTING, where its way out is known.
      rule([notCtState('DNAT')], jumpTo('cali-to-host-endpoint')),
      acceptMarked(context, BY_HOST_POLICY),
    ],
  }
}

/** Service addresses that nothing translated: without this they would go in circles between node and router. @calico felix/rules/nat.go BlockedCIDRsToIptablesChains */
function cidrBlockChain(context: RuleContext): FelixChain {
  const { serviceLoop } = context.settings
  const name = 'cali-cidr-block'
  if (serviceLoop === 'Disabled') return { name, rules: [] }
  const action = serviceLoop === 'Reject' ? rejectOf(context.family) : DROP
  return {
    name,
    rules: context.serviceRanges.map((cidr) =>
      rule([net('destination', cidr)], action, { meaning: { kind: 'service-loop', cidr } }),
    ),
  }
}

/** The chains of the filter table that are the same for all endpoints. @calico felix/rules/static.go */
export function staticFilterChains(context: RuleContext): FelixChain[] {
  return [
    forwardChain(context),
    inputChain(context),
    outputChain(context),
    workloadToHostChain(context),
    cidrBlockChain(context),
  ]
}

/** What Felix has in chains of the kernel. */
export function filterBuiltIns(context: RuleContext): FelixChain[] {
  const forwarded = [
    acceptMarked(context, 'Policy explicitly accepted packet.'),
    // mangle POSTROUTING knows by this that a packet is none of the node's own.
    rule([], setMark(context.marks.accept)),
  ]
  return [
    ...['FORWARD', 'INPUT', 'OUTPUT'].map((name) => builtInJump(name)),
    { name: 'FORWARD', builtIn: 'append', rules: forwarded },
  ]
}
