/** An address of the outside that stands for one of a pod. */
export interface EndpointNat {
  /** Address of the pod. */
  readonly internalIP: string
  /** Address of the outside, as written. */
  readonly externalIP: string
}

/** Limits of what a pod sends and gets, from annotations; absent: none. @calico libcalico-go/lib/apis/internalapi */
export interface QosControls {
  /** Bits a second. */
  readonly ingressBandwidth?: number
  /** Bits at once. */
  readonly ingressBurst?: number
  /** Bits a second of a burst. */
  readonly ingressPeakrate?: number
  /** Bytes of the least burst. */
  readonly ingressMinburst?: number
  /** Packets a second. */
  readonly ingressPacketRate?: number
  /** Packets at once. */
  readonly ingressPacketBurst?: number
  /** Connections. */
  readonly ingressMaxConnections?: number
  /** Bits a second. */
  readonly egressBandwidth?: number
  /** Bits at once. */
  readonly egressBurst?: number
  /** Bits a second of a burst. */
  readonly egressPeakrate?: number
  /** Bytes of the least burst. */
  readonly egressMinburst?: number
  /** Packets a second. */
  readonly egressPacketRate?: number
  /** Packets at once. */
  readonly egressPacketBurst?: number
  /** Connections. */
  readonly egressMaxConnections?: number
  /** Code point of packets that leave the cluster: a number, or its name. */
  readonly dscp?: number | string
}

/** A port of a pod that has a name, or a port of the node. */
export interface EndpointPort {
  /** Name; '' for none. */
  readonly name: string
  /** Protocol. */
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  /** Number. */
  readonly port: number
  /** Port of the node; 0 for none. */
  readonly hostPort: number
  /** Address of the node at which that port is; '' for every one. */
  readonly hostIP: string
}

/** `spec` of a WorkloadEndpoint. @calico libcalico-go/lib/apis/internalapi */
export interface EndpointSpec {
  /** Who runs the workload. */
  readonly orchestrator: 'k8s'
  /** Node. */
  readonly node?: string
  /** Pod. */
  readonly pod?: string
  /** Interface in the pod. */
  readonly endpoint: 'eth0'
  /** Container that the plugin was called for. */
  readonly containerID?: string
  /** Service account. */
  readonly serviceAccountName?: string
  /** Addresses, as ranges. */
  readonly ipNetworks?: readonly string[]
  /** Floating addresses. */
  readonly ipNATs?: readonly EndpointNat[]
  /** Profiles in order. */
  readonly profiles?: readonly string[]
  /** Host end of its veth. */
  readonly interfaceName: string
  /** Ports by name, and of the node. */
  readonly ports?: readonly EndpointPort[]
  /** Ranges it may send under besides its own addresses. */
  readonly allowSpoofedSourcePrefixes?: readonly string[]
  /** Limits. */
  readonly qosControls?: QosControls
}
