import type { CalicoRule, EntityRule, IcmpFields } from '../../policy/kinds.ts'
import { parsePort } from '../../policy/ports.ts'
import { hasPorts, protocolMatch } from '../../policy/protocol.ts'
import { isSelectorFault, parseSelector } from '../../selector.ts'

/** Whether a text is a selector; none is one, too. */
export function isSelector(text: string | undefined): boolean {
  return text === undefined || !isSelectorFault(parseSelector(text))
}

/** Numbers need a protocol that has ports; names alone need none. */
function arePorts({ ports = [], notPorts = [] }: EntityRule, { protocol }: CalicoRule): boolean {
  const parsed = [...ports, ...notPorts].map(parsePort)
  const areSound = parsed.every((port) => typeof port === 'object' && !('range' in port && port.range.low < 1))
  if (protocol === undefined) return areSound && parsed.every((port) => typeof port === 'object' && 'name' in port)
  const match = protocolMatch(protocol)
  return areSound && (parsed.length === 0 || (match !== undefined && hasPorts(match)))
}

function isSide(side: EntityRule, rule: CalicoRule): boolean {
  const selectors = [side.selector, side.notSelector, side.namespaceSelector]
  return selectors.every(isSelector) && arePorts(side, rule)
}

function isProtocol(protocol: number | string | undefined): boolean {
  return protocol === undefined || protocolMatch(protocol) !== undefined
}

function isIcmp({ type = 0, code = 0 }: IcmpFields): boolean {
  return type >= 0 && type < 255 && code >= 0 && code <= 255
}

const ACTIONS: readonly string[] = ['allow', 'deny', 'log', 'pass', '']

/** Whether Felix can use a rule: with one that it cannot it takes the whole object for missing. */
export function isUsableRule(rule: CalicoRule): boolean {
  const { action, protocol, notProtocol, icmp = {}, notICMP = {}, source = {}, destination = {} } = rule
  return (
    ACTIONS.includes((action ?? '').toLowerCase()) &&
    isProtocol(protocol) &&
    isProtocol(notProtocol) &&
    isIcmp(icmp) &&
    isIcmp(notICMP) &&
    isSide(source, rule) &&
    isSide(destination, rule)
  )
}
