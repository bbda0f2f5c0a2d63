import * as v from 'valibot'
import { resolvedHosts } from '../../control/index.ts'
import { parseCidr, parseIp } from '../../wire/index.ts'
import { storedObjects } from '../objects.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'

/** Which HostEndpoint does an interface of a node get? */
export interface FelixHostsRequest extends RequestBase<'felix-hosts'> {
  /** The node. */
  readonly node: string
  /** Its interfaces as they are now. */
  readonly interfaces?: readonly {
    /** Name. */
    readonly name: string
    /** Addresses, with or without the length of their subnet. */
    readonly addresses?: readonly string[]
  }[]
  /** Objects: HostEndpoints of any node. */
  readonly objects?: readonly unknown[]
}

/** Who gets which. */
export interface FelixHostsResult {
  /** Interface to host endpoint; interfaces without one are left out. */
  readonly interfaces: Readonly<Record<string, string>>
  /** Host endpoint of all other interfaces. */
  readonly allInterfaces: string | null
  /** Every host endpoint of the node. */
  readonly status: Readonly<Record<string, 'up' | 'error'>>
}

/** The verb `felix-hosts`. */
export const felixHosts: Verb = verb<FelixHostsRequest, FelixHostsResult>(
  v.strictObject({
    node: v.string('text'),
    interfaces: v.exactOptional(
      v.array(
        v.strictObject({
          name: v.string('text'),
          addresses: v.exactOptional(v.array(v.pipe(v.string('text'), v.check(isAddress, 'an address')))),
        }),
      ),
    ),
    objects: v.exactOptional(v.array(v.unknown())),
  }),
  ({ node, interfaces = [], objects = [] }) => {
    const devices = interfaces.map(({ name, addresses = [] }) => ({
      name,
      addresses: addresses.flatMap((text) => parseIp(text) ?? parseCidr(text)?.address ?? []),
    }))
    const found = resolvedHosts(node, devices, storedObjects(objects))
    return {
      result: {
        interfaces: Object.fromEntries(found.interfaces),
        allInterfaces: found.allInterfaces ?? null,
        status: Object.fromEntries(found.status),
      },
    }
  },
)

function isAddress(text: string): boolean {
  return parseIp(text) !== undefined || parseCidr(text) !== undefined
}
