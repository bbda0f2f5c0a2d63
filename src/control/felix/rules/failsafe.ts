import type { PolicyDirection } from '../../../model/index.ts'
import { familyOf } from '../../../wire/index.ts'
import type { HostPort } from '../../settings/felix-parsers.ts'
import type { FelixChain, FelixMatch, FelixRule } from './chain.ts'
import type { RuleContext } from './context.ts'
import { ACCEPT, net, ports, protocol, rule } from './words.ts'

/** Chain of the ports that no policy closes. */
export const FAILSAFE: Readonly<Record<PolicyDirection, string>> = {
  ingress: 'cali-failsafe-in',
  egress: 'cali-failsafe-out',
}

function failsafeRule(
  port: HostPort,
  side: 'sports' | 'dports',
  direction: PolicyDirection,
  context: RuleContext,
): FelixRule[] {
  if (port.net !== undefined && familyOf(port.net) !== context.family) return []
  const match: FelixMatch[] = [
    protocol(port.protocol === 'tcp' ? 6 : 17, port.protocol),
    ports(side, [{ low: port.port, high: port.port }]),
    // The net is where the other end is, whichever way the packet goes.
    ...(port.net === undefined ? [] : [net(direction === 'ingress' ? 'source' : 'destination', port.net)]),
  ]
  return [rule(match, ACCEPT, { meaning: { kind: 'failsafe', direction } })]
}

/**
 * Ports Felix keeps open whatever policies say. Before connection tracking, answers are let through by their source port:
 * half a connection must not go untracked.
 *
 * @calico felix/rules/static.go failsafeInChain, failsafeOutChain
 */
export function failsafeChain(direction: PolicyDirection, raw: boolean, context: RuleContext): FelixChain {
  const { failsafeInbound, failsafeOutbound } = context.settings
  const [own, other] =
    direction === 'ingress' ? [failsafeInbound, failsafeOutbound] : [failsafeOutbound, failsafeInbound]
  return {
    name: FAILSAFE[direction],
    rules: [
      ...own.flatMap((port) => failsafeRule(port, 'dports', direction, context)),
      ...(raw ? other.flatMap((port) => failsafeRule(port, 'sports', direction, context)) : []),
    ],
  }
}
