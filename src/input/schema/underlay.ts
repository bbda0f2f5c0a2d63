import * as v from 'valibot'
import { interfaceAddress, ip, mac, oneOf, prefix, type Shape, text, whole } from './fields.ts'

const mtu = whole(68, 65535, 'an MTU')
const ifname = v.pipe(
  v.string('an interface name'),
  v.regex(/^[^\s/:]{1,15}$/, 'an interface name of 1 to 15 characters without spaces, slashes and colons'),
)

/** `spec` of an Underlay, our own kind: an unknown field is an error. */
export const underlay: Shape = v.object({
  spec: v.strictObject(
    {
      segments: v.array(
        v.strictObject(
          { name: text, cidr: prefix, gateway: v.optional(ip), mtu: v.optional(mtu) },
          'a segment: name, cidr, gateway, mtu',
        ),
        'a list of segments',
      ),
      nodes: v.array(
        v.strictObject(
          {
            name: text,
            interfaces: v.array(
              v.strictObject(
                {
                  name: ifname,
                  kind: v.optional(oneOf(['ethernet', 'bridge'])),
                  segment: v.optional(text),
                  address: v.optional(interfaceAddress),
                  mtu: v.optional(mtu),
                  mac: v.optional(mac),
                },
                'an interface: name, kind, segment, address, mtu, mac',
              ),
              'a list of interfaces',
            ),
          },
          'a node: name, interfaces',
        ),
        'a list of nodes',
      ),
    },
    'a spec with segments and nodes',
  ),
})
