import { familyOf } from '../../wire/index.ts'
import { has, listAt, mapAt, mapsAt, refuseIf, textAt } from './members.ts'
import { areAnnotations } from './metadata.ts'
import { isNamedPort, isOneOf, protocolHasPorts } from './numbers-or-text.ts'
import {
  type Agreement,
  type Fields,
  list,
  type MapShape,
  map,
  needed,
  PORT,
  PROTOCOL,
  type Refusal,
  type Shape,
  set,
  shortText,
  TEXT,
  text,
  textRecord,
  whole,
  words,
} from './shape.ts'
import { NAME, NET, NOT_GLOBAL, netOf, RULE_NET, SELECTOR } from './text-checks.ts'

/** Rules of policies and profiles. @calico api/pkg/apis/projectcalico/v3/policy_common.go */

const SIDES = ['source', 'destination'] as const
const NETS = ['nets', 'notNets'] as const
const PORTS = ['ports', 'notPorts'] as const

/** ICMP types and codes: a code needs its type. */
const ICMP: MapShape = map({ type: whole(0, 254), code: whole(0, 255) }, (icmp) =>
  refuseIf(has(icmp, 'code') && !has(icmp, 'type'), ['code'], 'a code needs the type it belongs to'),
)

/** An HTTP path stands alone, begins with "/" and has neither query nor fragment. @rfc 3986 §3.3 */
const isPath: Agreement = (path) => {
  const exact = textAt(path, 'exact')
  const prefix = textAt(path, 'prefix')
  if ((exact === '') === (prefix === '')) return [{ at: [], message: 'expected either exact or prefix' }]
  const value = exact || prefix
  return refuseIf(
    !value.startsWith('/') || /[? #]/.test(value),
    [],
    'a path begins with "/", without blank, "?" and "#"',
  )
}

const HTTP: MapShape = map({
  methods: list(TEXT, { longest: 20, unique: true }),
  paths: list(map({ exact: shortText(1024), prefix: shortText(1024) }, isPath), { longest: 20 }),
})

/** `global()` stands alone. */
const namespaceSelectorIsWhole: Agreement = (entity) => {
  const selector = textAt(entity, 'namespaceSelector').trim()
  const mixed = selector.includes('global(') && !/^global\(\s*\)$/.test(selector)
  return refuseIf(mixed, ['namespaceSelector'], 'global() cannot be combined with other selectors')
}

/** Services bring their own addresses and ports. */
const servicesAreAlone: Agreement = (entity) => {
  if (!has(entity, 'services')) return []
  const taken = ['namespaceSelector', 'selector', 'notSelector'].filter((name) => textAt(entity, name) !== '')
  if (has(entity, 'serviceAccounts')) taken.push('serviceAccounts')
  taken.push(...NETS.filter((name) => listAt(entity, name).length > 0))
  const unnamed = textAt(mapAt(entity, 'services') ?? {}, 'name') === ''
  return [
    ...taken.map((name): Refusal => ({ at: [name], message: `${name} cannot be combined with services` })),
    ...refuseIf(unnamed, ['services', 'name'], 'expected the name of a service'),
  ]
}

function entity(strict: boolean): MapShape {
  const selector = strict ? shortText(1024, SELECTOR, NOT_GLOBAL) : text(SELECTOR)
  const anySelector = strict ? shortText(1024, SELECTOR) : text(SELECTOR)
  const nets = strict ? set(text(NET, RULE_NET), 256) : list(text(NET, RULE_NET))
  const ports = list(PORT, strict ? { longest: 50 } : {})
  return map(
    {
      nets,
      notNets: nets,
      selector,
      notSelector: anySelector,
      namespaceSelector: anySelector,
      ports,
      notPorts: ports,
      services: map({ name: shortText(253, NAME), namespace: shortText(253, NAME) }),
      serviceAccounts: map({ names: strict ? set(TEXT) : list(TEXT), selector: text(SELECTOR) }),
    },
    namespaceSelectorIsWhole,
    ...(strict ? [servicesAreAlone] : []),
  )
}

/** Ports need a protocol that has some; names of ports bring their own. */
const portsHaveProtocol: Agreement = (rule) => {
  const protocol = rule['protocol']
  if (has(rule, 'protocol') && protocolHasPorts(protocol)) return []
  return SIDES.flatMap((side) =>
    PORTS.flatMap((name) => {
      const ports = listAt(mapAt(rule, side) ?? {}, name)
      const wrong = has(rule, 'protocol') ? ports.length > 0 : !ports.every(isNamedPort)
      return refuseIf(wrong, [side, name], 'ports need the protocol TCP, UDP or SCTP')
    }),
  )
}

/** All addresses of a rule are of one family, that of `ipVersion`. */
const oneFamily: Agreement = (rule) => {
  const refusals: Refusal[] = []
  let seen: 4 | 6 | undefined
  for (const side of SIDES) {
    for (const name of NETS) {
      for (const [i, value] of listAt(mapAt(rule, side) ?? {}, name).entries()) {
        const net = typeof value === 'string' ? netOf(value) : undefined
        if (net === undefined) continue
        const at = [side, name, i]
        const family = familyOf(net.address)
        const said = rule['ipVersion']
        if (typeof said === 'number' && said !== family) refusals.push({ at, message: `not of ipVersion ${said}` })
        if (seen !== undefined && seen !== family) refusals.push({ at, message: 'a rule cannot have IPv4 and IPv6' })
        seen = seen ?? family
        if (name === 'notNets' && net.length === 0) refusals.push({ at, message: 'a rule for nobody matches nothing' })
      }
    }
  }
  return refusals
}

function isIcmp(protocol: unknown): boolean {
  return isOneOf(protocol, 'ICMP', 1)
}

function isIcmp6(protocol: unknown): boolean {
  return isOneOf(protocol, 'ICMPv6', 58)
}

/** ICMP fields need an ICMP protocol, and each ICMP its family. */
const icmpAgrees: Agreement = (rule) => {
  const version = rule['ipVersion']
  const refusals = ['protocol', 'notProtocol'].flatMap((name) => [
    ...refuseIf(isIcmp(rule[name]) && has(rule, 'ipVersion') && version !== 4, [name], 'ICMP is of ipVersion 4'),
    ...refuseIf(isIcmp6(rule[name]) && has(rule, 'ipVersion') && version !== 6, [name], 'ICMPv6 is of ipVersion 6'),
  ])
  const bare = has(rule, 'icmp') && !isIcmp(rule['protocol']) && !isIcmp6(rule['protocol'])
  return [...refusals, ...refuseIf(bare, ['icmp'], 'icmp needs the protocol ICMP or ICMPv6')]
}

const httpAgrees: Agreement = (rule) => {
  if (!has(rule, 'http')) return []
  const other = has(rule, 'protocol') && !isOneOf(rule['protocol'], 'TCP', 6)
  return [
    ...refuseIf(other, ['protocol'], 'http needs the protocol TCP, or none'),
    ...refuseIf(rule['action'] !== 'Allow', ['http'], 'http needs the action Allow'),
  ]
}

const servicePortsAgree: Agreement = (rule) => {
  const to = mapAt(rule, 'destination') ?? {}
  if (!has(to, 'services')) return []
  return PORTS.flatMap((name) =>
    refuseIf(listAt(to, name).length > 0, ['destination', name], `${name} cannot be combined with services`),
  )
}

/**
 * The shape of a rule.
 * @param strict - as the CRDs have it; profiles have none, and are held against the validator alone
 */
export function ruleShape(strict: boolean): MapShape {
  const side = entity(strict)
  const fields: Record<string, Shape> = {
    action: strict ? needed(words('Allow', 'Deny', 'Log', 'Pass')) : TEXT,
    ipVersion: whole(),
    protocol: PROTOCOL,
    notProtocol: PROTOCOL,
    icmp: strict ? ICMP : { ...ICMP, agreements: [] },
    notICMP: strict ? ICMP : { ...ICMP, agreements: [] },
    source: side,
    destination: side,
    http: HTTP,
    metadata: map({ annotations: textRecord(areAnnotations) }),
  }
  const always = [portsHaveProtocol, oneFamily]
  return map(fields, ...always, ...(strict ? [ipVersionIsOne, icmpAgrees, httpAgrees, servicePortsAgree] : []))
}

const ipVersionIsOne: Agreement = (rule) =>
  refuseIf(has(rule, 'ipVersion') && ![4, 6].includes(Number(rule['ipVersion'])), ['ipVersion'], 'expected 4 or 6')

/** What rules of a policy must not have, by direction. */
export function rulesFitDirection(spec: Fields): readonly Refusal[] {
  const egress = mapsAt(spec, 'egress').flatMap(([i, rule]) => [
    ...refuseIf(has(rule, 'http'), ['egress', i, 'http'], 'only rules of ingress can look into HTTP'),
    ...misplacedServices(rule, 'source', ['egress', i]),
  ])
  const ingress = mapsAt(spec, 'ingress').flatMap(([i, rule]) => misplacedServices(rule, 'destination', ['ingress', i]))
  return [...egress, ...ingress]
}

function misplacedServices(rule: Fields, side: string, at: Refusal['at']): readonly Refusal[] {
  const here = has(mapAt(rule, side) ?? {}, 'services')
  return refuseIf(here, [...at, side, 'services'], 'services are for the other end of the traffic only')
}

/** Where a policy has no namespace, the services of its rules need one. */
export function servicesHaveNamespaces(spec: Fields): readonly Refusal[] {
  const sides = [['egress', 'destination'] as const, ['ingress', 'source'] as const]
  return sides.flatMap(([direction, side]) =>
    mapsAt(spec, direction).flatMap(([i, rule]) => {
      const services = mapAt(mapAt(rule, side) ?? {}, 'services')
      const bare = services !== undefined && textAt(services, 'namespace') === ''
      return refuseIf(bare, [direction, i, side, 'services', 'namespace'], 'expected the namespace of the service')
    }),
  )
}
