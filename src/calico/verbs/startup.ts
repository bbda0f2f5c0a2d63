import * as v from 'valibot'
import {
  drawnRange,
  type HostInterface,
  type MadePool,
  type NodeIp,
  type OwnInterface,
  type StartSituation,
  startNode,
  traitsOf,
  type VersionTraits,
} from '../../control/index.ts'
import { type Cidr, parseCidr, parseIp } from '../../wire/index.ts'
import { type RawObject, rawObjects } from '../raw-objects.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'
import { blocksIn, internalIpsOf, podSubnetsIn, poolsIn, storedNodes } from './startup-objects.ts'

/** What does calico-node do when it starts on this machine? */
export interface StartupRequest extends RequestBase<'startup'> {
  /** The environment of calico-node. */
  readonly env?: Readonly<Record<string, string | number | boolean>>
  /** The machine. */
  readonly host: {
    /** What it calls itself. */
    readonly hostname?: string
    /** Whether its kernel has IPv6; absent: it has. */
    readonly ipv6?: boolean
    /** Its interfaces. */
    readonly interfaces?: readonly {
      /** Name. */
      readonly name: string
      /** The kernel's number; absent: its place in the list. */
      readonly index?: number
      /** Addresses with their lengths. */
      readonly addresses?: readonly string[]
      /** Whether it is up; absent: it is. */
      readonly up?: boolean
    }[]
  }
  /** Its Kubernetes Node and others, pools, blocks, the ConfigMap `kube-system/kubeadm-config`. */
  readonly objects?: readonly unknown[]
}

/** An address calico-node settles on. */
export interface StartupAddress {
  /** The address, with its length when one is known. */
  readonly address: string
  /** The interface that has it; null: none. */
  readonly interface: string | null
}

/** What calico-node does when it starts. */
export interface StartupResult {
  /** 0, or 1 where it gives up. */
  readonly exit: 0 | 1
  /** The name of the node. */
  readonly nodeName: string
  /** Its IPv4 address. */
  readonly ipv4: StartupAddress | null
  /** Its IPv6 address. */
  readonly ipv6: StartupAddress | null
  /** The ranges of kubeadm; null without its ConfigMap. */
  readonly podSubnets: { readonly ipv4: string | null; readonly ipv6: string | null } | null
  /** Pools it makes. */
  readonly pools: readonly object[]
  /** What it says. */
  readonly messages: readonly string[]
}

/** The verb `startup`. */
export const startup: Verb = verb<StartupRequest, StartupResult>(
  v.strictObject({
    env: v.exactOptional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()], 'text'))),
    host: v.strictObject({
      hostname: v.exactOptional(v.string('text')),
      ipv6: v.exactOptional(v.boolean('true or false')),
      interfaces: v.exactOptional(
        v.array(
          v.strictObject({
            name: v.string('text'),
            index: v.exactOptional(v.number('a number')),
            addresses: v.exactOptional(v.array(v.string('text'), 'a list of addresses')),
            up: v.exactOptional(v.boolean('true or false')),
          }),
          'a list of interfaces',
        ),
      ),
    }),
    objects: v.exactOptional(v.array(v.unknown(), 'a list of objects')),
  }),
  ({ env = {}, host, objects = [] }, { version }) => {
    const raw = rawObjects(objects)
    const podSubnets = podSubnetsIn(raw)
    const start = startNode({
      ...fromObjects(raw),
      variable: (name) => (Object.hasOwn(env, name) ? String(env[name]) : undefined),
      hostname: host.hostname ?? '',
      ipv6: host.ipv6 ?? true,
      interfaces: interfacesOf(host.interfaces ?? []),
      ...(podSubnets === undefined ? {} : { podSubnets }),
      randomRange: () => drawnRange(0),
    })
    if (start.unknown !== undefined) return { unsupported: start.unknown }
    const { exit, nodeName, ips, pools, messages, skipped } = start
    const passedOver = skipped.map(({ dev, address, why }) =>
      address === undefined ? `Skipped interface ${dev}: ${why}` : `Skipped address ${address} of ${dev}: ${why}`,
    )
    return {
      result: {
        exit,
        nodeName,
        ipv4: addressResult(ips[4]),
        ipv6: addressResult(ips[6]),
        podSubnets: podSubnets === undefined ? null : { ipv4: podSubnets.ipv4 ?? null, ipv6: podSubnets.ipv6 ?? null },
        pools: pools.map((pool) => poolResult(pool, traitsOf(version))),
        messages: [...messages, ...passedOver],
      },
    }
  },
)

function fromObjects(raw: readonly RawObject[]): Pick<StartSituation, 'internalIps' | 'nodes' | 'pools' | 'blocks'> {
  return {
    internalIps: (name) => internalIpsOf(raw, name),
    nodes: storedNodes(raw),
    pools: poolsIn(raw),
    blocks: blocksIn(raw),
  }
}

/** The interfaces by their index; addresses that are none do not count. */
function interfacesOf(given: NonNullable<StartupRequest['host']['interfaces']>): OwnInterface[] {
  const numbered = given.map((dev, i) => ({ ...dev, index: dev.index ?? i + 1 }))
  return numbered
    .sort((a, b) => a.index - b.index)
    .map(({ name, addresses = [], up = true }) => ({ name, up, addresses: cidrsOf(addresses) }))
}

function cidrsOf(texts: readonly string[]): HostInterface['addresses'] {
  return texts.flatMap((text): Cidr[] => {
    const bare = parseIp(text)
    const cidr = bare === undefined ? parseCidr(text) : { address: bare, length: bare.includes(':') ? 128 : 32 }
    return cidr === undefined ? [] : [cidr]
  })
}

function addressResult(ip: NodeIp | undefined): StartupAddress | null {
  if (ip === undefined) return null
  return { address: ip.length === undefined ? ip.address : `${ip.address}/${ip.length}`, interface: ip.dev ?? null }
}

/** A pool as it is stored, with what the API fills in. */
function poolResult({ name, spec }: MadePool, traits: VersionTraits): object {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name },
    spec: {
      ...spec,
      nodeSelector: spec.nodeSelector ?? 'all()',
      allowedUses: ['Workload', 'Tunnel'],
      ...(traits.assignmentMode ? { assignmentMode: 'Automatic' } : {}),
    },
  }
}
