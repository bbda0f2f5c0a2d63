import { splitWords, take, type Words } from '../linux/index.ts'
import { type Network, writtenOut } from '../model/index.ts'
import { bridgeCommand } from './bridge.ts'
import { namespaceOf, withNamespace } from './edit.ts'
import { ipAddrCommand } from './ip-addr.ts'
import { ipLinkDelete, ipLinkSet } from './ip-link.ts'
import { ipLinkAdd } from './ip-link-add.ts'
import { ipNeighCommand } from './ip-neigh.ts'
import { ipRouteCommand } from './ip-route.ts'
import { ipRuleCommand } from './ip-rule.ts'
import { ipsetCommand } from './ipset.ts'
import { iptablesCommand, iptablesRestore } from './iptables.ts'
import { moduleCommand } from './modules.ts'
import { expand, Refusal, refuse, toolRefuses } from './refusal.ts'
import { sysctlCommand, writeProcSys } from './sysctl.ts'

/** Settings of {@link applyCommand}. */
export interface CommandOptions {
  /** What the command reads from standard input (`iptables-restore`, `ipset restore`). */
  readonly stdin?: string
}

/** What came of a command. */
export type Applied =
  | { readonly network: Network }
  | {
      readonly refused: string
      /** The status the tool ends with. */
      readonly exitCode: number
    }

/**
 * Runs a command that changes the state of a namespace: `ip link|addr|route|rule|neigh`, `bridge`, `sysctl`, `echo … >
 * /proc/sys/…`, `iptables`, `ip6tables`, `ipset`, `modprobe`. The network changes as the kernel would change it, side effects on
 * routes, neighbours, carrier and the far end of a wire included.
 *
 * @returns the changed network, or what is printed when the command is refused: the tool's own words where it has some, else
 * what would have been right. Nothing is half done: a refused command changes nothing.
 */
export function applyCommand(network: Network, netns: string, line: string, options: CommandOptions = {}): Applied {
  try {
    return { network: run(network, netns, line, options.stdin ?? '') }
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.wordsFor(line), exitCode: error.exitCodeFor(line) }
    throw error
  }
}

function run(network: Network, netns: string, line: string, stdin: string): Network {
  namespaceOf(network, netns)
  const echo = /^\s*echo\s+(?:-n\s+)?["']?([^"'>]*?)["']?\s*>\s*(\/proc\/sys\/\S+)\s*$/.exec(line)
  if (echo !== null) return writeProcSys(network, netns, echo[2]!, echo[1]!)
  const list = splitWords(line.trim())
  if (list === undefined) return refuse('closed quotes', line)
  const words: Words = { list, at: 0 }
  const tool = (take(words) ?? '').replace(/^.*\//, '').replace(/-(legacy|nft)(?=$|-)/, '')
  switch (tool) {
    case 'ip':
      return ip(network, netns, words)
    case 'bridge':
      return bridgeCommand(withOwnTables(network, netns), netns, words)
    case 'sysctl':
      return sysctlCommand(network, netns, words)
    case 'iptables':
    case 'ip6tables':
      return iptablesCommand(network, netns, words, tool === 'iptables' ? 'inet' : 'inet6')
    case 'iptables-restore':
    case 'ip6tables-restore':
      return iptablesRestore(network, netns, words, tool === 'iptables-restore' ? 'inet' : 'inet6', stdin)
    case 'modprobe':
    case 'rmmod':
      return moduleCommand(withOwnTables(network, netns), netns, words, tool)
    case 'ipset':
      return ipsetCommand(network, netns, words, stdin)
    default:
      return refuse(
        'ip, bridge, sysctl, echo, iptables, ip6tables, ipset, modprobe or rmmod',
        tool === '' ? 'nothing' : tool,
      )
  }
}

/** The network in which a namespace has its tables to itself: shared entries cannot be changed for one alone. */
function withOwnTables(network: Network, netns: string): Network {
  const ns = namespaceOf(network, netns)
  const own = writtenOut(network, ns)
  return own === ns ? network : withNamespace(network, own)
}

const OBJECTS = ['address', 'addrlabel', 'maddress', 'route', 'rule', 'neighbor', 'neighbour', 'link'] as const

function ip(shared: Network, netns: string, words: Words): Network {
  let family: 'inet' | 'inet6' | undefined
  for (;;) {
    const option = words.list[words.at]
    if (option === undefined || !option.startsWith('-')) break
    words.at += 1
    if (option === '-V' || option === '-Version') return shared
    if (option === '-4') family = 'inet'
    else if (option === '-6') family = 'inet6'
    else if (option === '-f' || option === '-family') family = take(words) === 'inet6' ? 'inet6' : 'inet'
    else if (!/^-(force|d|details|s|stats|N|Numeric|c|color|iec)$/.test(option)) {
      return toolRefuses(`Option "${option}" is unknown, try "ip -help".`)
    }
  }
  const word = take(words)
  const object = expand(word, OBJECTS)
  const network = object === 'rule' || object === undefined ? shared : withOwnTables(shared, netns)
  const ns = namespaceOf(network, netns)
  switch (object) {
    case 'address':
      return ipAddrCommand(network, ns, words, family)
    case 'route':
      return ipRouteCommand(network, ns, words, family)
    case 'rule':
      return ipRuleCommand(network, ns, words, family)
    case 'neighbor':
    case 'neighbour':
      return ipNeighCommand(network, ns, words, family)
    case 'link':
      return ipLink(network, netns, words)
    default:
      return toolRefuses(`Object "${word ?? ''}" is unknown, try "ip help".`)
  }
}

function ipLink(network: Network, netns: string, words: Words): Network {
  switch (expand(take(words), ['add', 'set', 'delete'])) {
    case 'add':
      return ipLinkAdd(network, netns, words)
    case 'set':
      return ipLinkSet(network, netns, words)
    case 'delete':
      return ipLinkDelete(network, netns, words)
    default:
      return refuse('ip link add, set or del', words.list.join(' '))
  }
}
