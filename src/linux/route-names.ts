import { tableId } from '../model/index.ts'

/** Who made a route, by the number of `rtm_protocol`. @iproute2 etc/iproute2/rt_protos */
const ROUTE_PROTOCOLS: Readonly<Record<string, string>> = {
  '1': 'redirect',
  '2': 'kernel',
  '3': 'boot',
  '4': 'static',
  '8': 'gated',
  '9': 'ra',
  '10': 'mrt',
  '11': 'zebra',
  '12': 'bird',
  '13': 'dnrouted',
  '14': 'xorp',
  '15': 'ntk',
  '16': 'dhcp',
  '18': 'keepalived',
  '42': 'babel',
  '186': 'bgp',
  '187': 'isis',
  '188': 'ospf',
  '189': 'rip',
  '192': 'eigrp',
}

/** The protocol of a route as `ip` prints it: numbers it knows have names. */
export function routeProtocolName(text: string): string {
  return ROUTE_PROTOCOLS[text] ?? text
}

/** A routing table as `ip` prints it: the three known numbers have names. */
export function routeTableName(text: string): string {
  return ['main', 'local', 'default'].find((name) => text === String(tableId(name))) ?? text
}

/** Whether `ip` knows a protocol of routes by this name. */
export function isRouteProtocol(name: string): boolean {
  return Object.values(ROUTE_PROTOCOLS).includes(name)
}
