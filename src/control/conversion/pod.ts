import type { ContainerPort } from '../kubernetes-kinds.ts'
import type { GivenMetadata } from './converted.ts'

/** A pod as far as its endpoint comes from it, not judged. */
export interface ConvertedPod {
  /** Metadata. */
  readonly metadata: GivenMetadata
  /** Desired state. */
  readonly spec?: {
    /** Node; absent: not scheduled. */
    readonly nodeName?: string
    /** Shares the node's namespace. */
    readonly hostNetwork?: boolean
    /** Service account. */
    readonly serviceAccountName?: string
    /** Containers. */
    readonly containers?: readonly PortedContainer[]
    /** Containers before them, and those that stay beside them. */
    readonly initContainers?: readonly PortedContainer[]
  }
  /** Observed state. */
  readonly status?: {
    /** `Running`, `Pending`, `Succeeded`, `Failed`. */
    readonly phase?: string
    /** Address. */
    readonly podIP?: string
    /** Addresses of both families. */
    readonly podIPs?: readonly { readonly ip?: string }[]
  }
}

/** A container with its ports. */
export interface PortedContainer {
  /** Ports. */
  readonly ports?: readonly Partial<ContainerPort>[]
}
