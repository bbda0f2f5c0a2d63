/**
 * Where a fact came from. Every route, rule, neighbour, chain and sysctl knows what made it; the dataplane carries it
 * unread, so that a hop can answer "why".
 */
export interface Origin {
  /** What produced the fact: a Calico or Kubernetes component, the kernel itself, a dump of a real node, or a person. */
  readonly component: OriginComponent
  /** The object behind it, e.g. `IPPool/default-ipv4-ippool`, `Pod/default/web-0`, `node01/route.json`. */
  readonly object?: string
  /** Path of the deciding field inside that object, e.g. `spec.ipipMode`. */
  readonly field?: string
  /** What the field says, where it is one word or number, e.g. `CrossSubnet`. */
  readonly value?: string
  /** Input file it was read from. */
  readonly file?: string
  /** Line in that file, from 1. */
  readonly line?: number
  /** One sentence for people: why this fact exists. */
  readonly note?: string
  /** Nobody said so: it stands in for what the input leaves open, and `note` says what was assumed. */
  readonly assumed?: true
}

/** Who makes facts. `kernel` is what Linux does by itself (connected routes, local table). */
export type OriginComponent =
  | 'kernel'
  | 'cni'
  | 'felix'
  | 'bird'
  | 'ipam'
  | 'kube-proxy'
  | 'underlay'
  | 'dump'
  | 'user'
  | 'docker'

/** The name of the deciding field, without the path to it; '' when no field is known. */
export function fieldName({ field = '' }: Origin): string {
  return field.slice(field.lastIndexOf('.') + 1)
}
