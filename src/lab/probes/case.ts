import { checkArgument, isRecord } from '../../model/index.ts'

/** An object of a case, as a user writes it; only what is filled in here is named. */
export interface CaseObject {
  /** `apiVersion`. */
  readonly apiVersion: string
  /** Kind. */
  readonly kind: string
  /** Name, and what is filled in. */
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  /** Where a pod runs, and whatever else its kind says. */
  readonly spec?: { readonly nodeName?: string; readonly hostNetwork?: boolean; readonly [field: string]: unknown }
  /** Addresses. */
  readonly status?: {
    readonly podIP?: string
    readonly podIPs?: readonly { readonly ip: string }[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  }
}

/** One packet, and what the connection table says of it. */
export interface PolicyProbe {
  /** `namespace/pod`, `host:node`, or an address. */
  readonly from: string
  /** The same. */
  readonly to: string
  /** Name or number. */
  readonly protocol: string | number
  /** Destination port, where the protocol has ports. */
  readonly port?: number
  /** Source port; absent = 50000. */
  readonly sourcePort?: number
  /** ICMP type. */
  readonly icmpType?: number
  /** ICMP code. */
  readonly icmpCode?: number
  /** Where the sender sent it: translated to `to` and `port` before routing. */
  readonly via?: { readonly to: string; readonly port: number }
  /** Absent = new. */
  readonly state?: 'new' | 'established' | 'invalid'
}

/** A cluster, and packets through it. */
export interface PolicyCase {
  /** Name. */
  readonly id: string
  /** Objects as a user writes them. */
  readonly objects: readonly CaseObject[]
  /** The packets. */
  readonly probes: readonly PolicyProbe[]
}

/** What became of a packet. */
export type PolicyVerdict = 'allow' | 'deny'

/** Why a case has no verdicts: what happened to a packet that is no matter of policy, or what is wrong with the case. */
export class UndecidedProbe extends Error {}

/** A case from a line of JSON. @throws InputError when it is none */
export function readPolicyCase(line: string): PolicyCase {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    value = line
  }
  const isCase = isRecord(value) && Array.isArray(value['objects']) && Array.isArray(value['probes'])
  checkArgument(isCase, 'line', 'a case as JSON: { "id": …, "objects": […], "probes": […] }', value)
  const { id, objects, probes } = value as { id?: unknown; objects: unknown[]; probes: unknown[] }
  const areObjects = objects.every((one) => isRecord(one) && isRecord(one['metadata']))
  checkArgument(areObjects, 'objects', 'Kubernetes and Calico objects', objects)
  for (const probe of probes) {
    const isProbe =
      isRecord(probe) &&
      typeof probe['from'] === 'string' &&
      typeof probe['to'] === 'string' &&
      (typeof probe['protocol'] === 'string' || typeof probe['protocol'] === 'number')
    checkArgument(isProbe, 'probes', 'packets: { "from": …, "to": …, "protocol": … }', probe)
  }
  return { id: String(id ?? ''), objects: objects as CaseObject[], probes: probes as PolicyProbe[] }
}
