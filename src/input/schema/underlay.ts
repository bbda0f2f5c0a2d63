import * as v from 'valibot'
import { flag, interfaceAddress, ip, mac, oneOf, prefix, type Shape, text, textMap, whole } from './fields.ts'
import { interfaceName, plainName } from './names.ts'

const mtu = whole(68, 65535, 'an MTU')
const filter = v.strictObject(
  {
    name: v.optional(text),
    action: v.optional(oneOf(['drop', 'accept'])),
    protocol: v.optional(v.union([v.number(), v.string()], 'an IP protocol, by number or name')),
    port: v.optional(v.union([v.number(), v.string()], 'a port, or a range such as 30000-32767')),
    vni: v.optional(whole(0, 0xffffff, 'a VXLAN network identifier')),
    source: v.optional(prefix),
    destination: v.optional(prefix),
    reserved: v.optional(v.boolean('true or false')),
  },
  'a filter: name, action, protocol, port, vni, source, destination, reserved',
)
const filters = v.array(filter, 'a list of filters')

const segment = v.strictObject(
  {
    name: plainName,
    cidr: v.optional(prefix),
    cidrs: v.optional(v.array(prefix, 'a list of ranges')),
    gateway: v.optional(ip),
    gateways: v.optional(v.array(ip, 'a list of addresses')),
    mtu: v.optional(mtu),
    isolated: v.optional(flag),
    sourceCheck: v.optional(flag),
    filters: v.optional(filters),
  },
  'a segment: name, cidr (cidrs), gateway (gateways), mtu, isolated, sourceCheck, filters',
)

const device = v.strictObject(
  {
    name: interfaceName,
    kind: v.optional(oneOf(['ethernet', 'bridge', 'dummy'])),
    segment: v.optional(text),
    address: v.optional(interfaceAddress),
    addresses: v.optional(v.array(interfaceAddress, 'a list of addresses')),
    mtu: v.optional(mtu),
    mac: v.optional(mac),
    sourceCheck: v.optional(flag),
  },
  'an interface: name, kind, segment, address (addresses), mtu, mac, sourceCheck',
)

const machine = {
  name: plainName,
  interfaces: v.array(device, 'a list of interfaces'),
  routes: v.optional(v.array(text, 'a list of routes, as ip route prints them')),
  rules: v.optional(v.array(text, 'a list of rules, as ip rule prints them')),
  sysctls: v.optional(textMap),
}

const router = v.strictObject(
  {
    ...machine,
    internet: v.optional(flag),
    masquerade: v.optional(flag),
    asNumber: v.optional(whole(1, 4294967295, 'an AS number')),
    peers: v.optional(v.array(ip, 'a list of addresses of routers')),
    clusterId: v.optional(ip),
    sourceCheck: v.optional(flag),
    filters: v.optional(filters),
  },
  'a router: name, interfaces, routes, rules, sysctls, internet, masquerade, asNumber, peers, clusterId, sourceCheck, filters',
)

/** `spec` of an Underlay, our own kind: an unknown field is an error. */
export const underlay: Shape = v.object({
  spec: v.strictObject(
    {
      segments: v.array(segment, 'a list of segments'),
      nodes: v.array(v.strictObject(machine, 'a node: name, interfaces, routes, rules, sysctls'), 'a list of nodes'),
      routers: v.optional(v.array(router, 'a list of routers')),
    },
    'a spec with segments, nodes and routers',
  ),
})
