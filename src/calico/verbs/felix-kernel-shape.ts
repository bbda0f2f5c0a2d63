import * as v from 'valibot'
import type { VxlanAttributes } from '../../control/index.ts'
import { parseIp, parseMac } from '../../wire/index.ts'
import type { OwnFields } from '../verb.ts'
import type { FelixKernelRequest } from './felix-kernel-request.ts'
import { addressShape, familyShape, felixShape, nameShape, netShape } from './felix-request.ts'

const flagShape = v.boolean('true or false')
const wholeShape = v.pipe(v.number('a whole number'), v.integer('a whole number'), v.minValue(0, 'a whole number'))
const textShape = v.string('text')

const deviceShape = v.strictObject({
  device: v.exactOptional(nameShape),
  address: v.exactOptional(netShape),
  mtu: v.exactOptional(wholeShape),
})

const TYPES = [
  'local-host',
  'remote-host',
  'local-workload',
  'remote-workload',
  'local-tunnel',
  'remote-tunnel',
  'cidr-info',
] as const

const routeShape = v.strictObject({
  dst: netShape,
  types: v.exactOptional(v.array(v.picklist(TYPES, TYPES.join(', ')))),
  poolType: v.exactOptional(v.picklist(['NONE', 'NO_ENCAP', 'VXLAN', 'IPIP'], 'NONE, NO_ENCAP, VXLAN or IPIP')),
  node: v.exactOptional(textShape),
  nodeIp: v.exactOptional(netShape),
  natOutgoing: v.exactOptional(flagShape),
  sameSubnet: v.exactOptional(flagShape),
  borrowed: v.exactOptional(flagShape),
  localWorkload: v.exactOptional(flagShape),
  tunnelTypes: v.exactOptional(v.array(textShape)),
})

const vtepShape = v.strictObject({
  node: nameShape,
  mac: v.exactOptional(textShape),
  ipv4: v.exactOptional(netShape),
  parentIpv4: v.exactOptional(netShape),
  mac6: v.exactOptional(textShape),
  ipv6: v.exactOptional(netShape),
  parentIpv6: v.exactOptional(netShape),
})

const netsShape = v.union([netShape, v.array(netShape)], 'an address or a CIDR, or a list of them')
const natShape = v.array(v.strictObject({ external: addressShape, internal: addressShape }))
const workloadShape = v.strictObject({
  orchestrator: v.exactOptional(textShape),
  workload: v.exactOptional(textShape),
  interface: v.exactOptional(textShape),
  ipv4: v.exactOptional(netsShape),
  ipv6: v.exactOptional(netsShape),
  nat4: v.exactOptional(natShape),
  nat6: v.exactOptional(natShape),
})

const vxlanShape = v.strictObject({
  vni: v.exactOptional(wholeShape),
  port: v.exactOptional(wholeShape),
  link: v.exactOptional(v.union([textShape, wholeShape], 'a name or an index')),
  local: v.exactOptional(addressShape),
  group: v.exactOptional(addressShape),
  l2miss: v.exactOptional(flagShape),
  gbp: v.exactOptional(flagShape),
  flowBased: v.exactOptional(flagShape),
  mac: v.exactOptional(textShape),
})

/** The shape of a request. */
export const kernelShape: v.GenericSchema<unknown, OwnFields<FelixKernelRequest>> = v.strictObject({
  node: v.exactOptional(textShape),
  ipVersion: v.exactOptional(familyShape),
  parent: v.exactOptional(v.strictObject({ device: nameShape, address: v.exactOptional(netShape) })),
  felix: v.exactOptional(felixShape),
  hosts: v.exactOptional(v.record(v.string(), netShape)),
  ipip: v.exactOptional(deviceShape),
  vxlan: v.exactOptional(deviceShape),
  vteps: v.exactOptional(v.array(vtepShape)),
  routes: v.exactOptional(v.array(routeShape)),
  objects: v.exactOptional(v.array(v.unknown())),
  workloads: v.exactOptional(v.array(workloadShape)),
  randomFully: v.exactOptional(flagShape),
  vxlanDevice: v.exactOptional(v.strictObject({ existing: vxlanShape, wanted: vxlanShape })),
  tunnelAddresses: v.exactOptional(
    v.strictObject({
      device: v.exactOptional(textShape),
      existing: v.exactOptional(v.array(netShape)),
      wanted: v.exactOptional(netsShape),
    }),
  ),
})

/** Addresses and MACs in canonical notation: they are compared as text. */
export function canonicalVxlan({ local, group, mac, ...others }: VxlanAttributes): VxlanAttributes {
  const address = (text: string): string => parseIp(text) ?? text
  return {
    ...others,
    ...(local === undefined ? {} : { local: address(local) }),
    ...(group === undefined ? {} : { group: address(group) }),
    ...(mac === undefined ? {} : { mac: parseMac(mac) ?? mac }),
  }
}
