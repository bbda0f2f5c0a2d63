import type { LabelSelector } from './policy/label-selector-kind.ts'
import type { Metadata, ResourceBase } from './resource.ts'

/** What keeps pods off a node that do not tolerate it. */
export interface Taint {
  /** Its name: `node-role.kubernetes.io/control-plane`. */
  readonly key: string
  /** What is compared besides. */
  readonly value?: string
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  readonly effect: string
  /** Since when pods that run there are sent away. */
  readonly timeAdded?: string
}

/** What a pod tolerates. */
export interface Toleration {
  /** Name of a taint; absent = every one. */
  readonly key?: string
  /** `Exists`, or `Equal`, which is the default. */
  readonly operator?: string
  /** What `Equal` compares with. */
  readonly value?: string
  /** Effect; absent = every one. */
  readonly effect?: string
  /** How long it bears with `NoExecute`; absent = for ever. */
  readonly tolerationSeconds?: number
}

/** What is observed of an object, in a word and a sentence. */
export interface Condition {
  /** What is observed: `Ready`. */
  readonly type: string
  /** `True`, `False` or `Unknown`. */
  readonly status: string
  /** Why, in one word. */
  readonly reason?: string
  /** Why, for people. */
  readonly message?: string
  /** Since when. */
  readonly lastTransitionTime?: string
}

/** A Kubernetes node. */
export interface NodeResource extends ResourceBase<'Node'> {
  /** Desired state. */
  readonly spec?: {
    /** Pod range of this node (host-local IPAM). */
    readonly podCIDR?: string
    /** Pod ranges of both families. */
    readonly podCIDRs?: readonly string[]
    /** Takes no new pods: `kubectl cordon`. */
    readonly unschedulable?: boolean
    /** Whom it keeps away, or sends away. */
    readonly taints?: readonly Taint[]
  }
  /** Observed state. */
  readonly status?: {
    /** Addresses; InternalIP is the node address when no annotation says otherwise. */
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    /** Versions; only shown. */
    readonly nodeInfo?: Readonly<Record<string, unknown>>
    /** Conditions: `Ready` and `NetworkUnavailable` decide where pods go, the others are only shown. */
    readonly conditions?: readonly Condition[]
  }
}

/** A port of a container. */
export interface ContainerPort {
  /** Name. */
  readonly name?: string
  /** Port number. */
  readonly containerPort: number
  /** `TCP`, `UDP` or `SCTP`; absent = TCP. */
  readonly protocol?: string
  /** Port of the node. */
  readonly hostPort?: number
  /** Address of the node at which that port is; absent = every one. */
  readonly hostIP?: string
}

/** What is asked of a label of a node, or of a field of it. */
export interface NodeRequirement {
  /** Label; of fields `metadata.name`. */
  readonly key: string
  /** `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`. */
  readonly operator: string
  /** What it compares with. */
  readonly values?: readonly string[]
}

/** Nodes that a pod may run on: one of the terms must hold, with all its requirements. */
export interface NodeTerms {
  /** The terms. */
  readonly nodeSelectorTerms: readonly {
    readonly matchExpressions?: readonly NodeRequirement[]
    readonly matchFields?: readonly NodeRequirement[]
  }[]
}

/** Pods, and the parts of the cluster they are looked for in. */
export interface PodTerm {
  /** The pods; absent = none. */
  readonly labelSelector?: LabelSelector
  /** Their namespaces; absent = that of the pod itself. */
  readonly namespaces?: readonly string[]
  /** Nodes with the same value of this label are one part. */
  readonly topologyKey: string
}

/** Where a pod may run: what is required, and not what is preferred. */
export interface Affinity {
  /** By nodes. */
  readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeTerms }
  /** Beside pods. */
  readonly podAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodTerm[] }
  /** Away from pods. */
  readonly podAntiAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodTerm[] }
}

/** What decides where a pod runs, and how it ends. */
export interface PodPlacement {
  /** Labels its node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>>
  /** Taints it tolerates. */
  readonly tolerations?: readonly Toleration[]
  /** Nodes and pods it wants or avoids. */
  readonly affinity?: Affinity
  /** How long it may take to end; absent = 30. */
  readonly terminationGracePeriodSeconds?: number
}

/** A pod. */
export interface PodResource extends ResourceBase<'Pod'> {
  /** Desired state. */
  readonly spec: PodPlacement & {
    /** Node it was scheduled to; absent = not scheduled, no network. */
    readonly nodeName?: string
    /** Shares the node's namespace. */
    readonly hostNetwork?: boolean
    /** Service account. */
    readonly serviceAccountName?: string
    /** Containers. */
    readonly containers?: readonly {
      readonly name?: string
      readonly image?: string
      readonly ports?: readonly ContainerPort[]
    }[]
  }
  /** Observed state. */
  readonly status?: {
    /** `Running`, `Pending`, `Succeeded`, `Failed`. */
    readonly phase?: string
    /** Address. */
    readonly podIP?: string
    /** Addresses of both families. */
    readonly podIPs?: readonly { readonly ip: string }[]
    /** Whether it is scheduled, has a network and is ready, and since when; other conditions are not kept. */
    readonly conditions?: readonly Condition[]
    /** Why it is in its phase, in one word: `NodeLost`. */
    readonly reason?: string
    /** How often its containers were started again. */
    readonly containerStatuses?: readonly { readonly restartCount?: number }[]
  }
}

/** A Kubernetes namespace. */
export interface NamespaceResource extends ResourceBase<'Namespace'> {}

/** A ConfigMap; those of Calico and kubeadm are read. */
export interface ConfigMapResource extends ResourceBase<'ConfigMap'> {
  /** Keys: `calico_backend`, `veth_mtu`, `cni_network_config`, … */
  readonly data?: Readonly<Record<string, string>>
}

/** What pods are made from; of containers only what a pod keeps of them, and the environment of Calico's own. */
export interface PodTemplate {
  /** Labels and annotations of the pods. */
  readonly metadata?: Pick<Metadata, 'labels' | 'annotations'>
  /** What becomes their `spec`. */
  readonly spec?: PodPlacement & {
    readonly nodeName?: string
    readonly hostNetwork?: boolean
    readonly serviceAccountName?: string
    readonly containers?: readonly TemplateContainer[]
  }
}

/** A container of a template. */
export interface TemplateContainer {
  /** Name. */
  readonly name?: string
  /** Image. */
  readonly image?: string
  /** Ports. */
  readonly ports?: readonly ContainerPort[]
  /** Variables; those of Calico's containers are kept. */
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly configMapKeyRef?: { readonly name?: string; readonly key: string } }
  }[]
}

/** What makes pods of a template. */
export interface TemplateSpec {
  /** Its pods. */
  readonly selector?: LabelSelector
  /** Pod template. */
  readonly template?: PodTemplate
}

/** How many pods may be missing, or be there beyond what is wanted, while they are replaced: a number, or `25%`. */
export interface RollingUpdate {
  /** Missing. */
  readonly maxUnavailable?: number | string
  /** Beyond. */
  readonly maxSurge?: number | string
  /** Pods of a StatefulSet below this ordinal stay as they are. */
  readonly partition?: number
}

/** How pods are replaced. */
export interface UpdateStrategy {
  /** `RollingUpdate`, `Recreate` (Deployment), `OnDelete` (DaemonSet, StatefulSet). */
  readonly type?: string
  /** Of the first. */
  readonly rollingUpdate?: RollingUpdate
}

/** A DaemonSet; of the environment of its containers only that of `calico-node` is read. */
export interface DaemonSetResource extends ResourceBase<'DaemonSet'> {
  /** Desired state. */
  readonly spec: TemplateSpec & {
    /** How its pods are replaced. */
    readonly updateStrategy?: UpdateStrategy
    /** How many of its ControllerRevisions without pods are kept; absent = 10. */
    readonly revisionHistoryLimit?: number
  }
}

/** A Deployment; of the environment of its containers only that of `calico-kube-controllers` is read. */
export interface DeploymentResource extends ResourceBase<'Deployment'> {
  /** Desired state. */
  readonly spec: TemplateSpec & {
    /** How many pods; absent = 1. */
    readonly replicas?: number
    /** How they are replaced. */
    readonly strategy?: UpdateStrategy
    /** Changes wait until it is resumed. */
    readonly paused?: boolean
    /** How many ReplicaSets without pods are kept; absent = 10. */
    readonly revisionHistoryLimit?: number
  }
}

/** A StatefulSet or a ReplicaSet. */
export interface PodSetResource extends ResourceBase<'StatefulSet' | 'ReplicaSet'> {
  /** Desired state. */
  readonly spec: TemplateSpec & {
    /** How many pods; absent = 1. */
    readonly replicas?: number
    /** Of a StatefulSet: `OrderedReady`, which is the default, or `Parallel`. */
    readonly podManagementPolicy?: string
    /** Of a StatefulSet: how its pods are replaced. */
    readonly updateStrategy?: UpdateStrategy
    /** Of a StatefulSet: how many of its ControllerRevisions without pods are kept; absent = 10. */
    readonly revisionHistoryLimit?: number
    /** Of a StatefulSet: the number of its first pod; absent = 0. */
    readonly ordinals?: { readonly start?: number }
  }
}

/** What a DaemonSet or a StatefulSet was: its template, and when in the row of its templates it was the newest. */
export interface ControllerRevisionResource extends ResourceBase<'ControllerRevision'> {
  /** What a rollback puts back. */
  readonly data?: { readonly spec?: Pick<TemplateSpec, 'template'> }
  /** The number. */
  readonly revision: number
}

/** A port of a service. */
export interface ServicePort {
  /** Name. */
  readonly name?: string
  /** `TCP`, `UDP` or `SCTP`; absent = TCP. */
  readonly protocol?: string
  /** Port of the service. */
  readonly port: number
  /** Port or port name of the pods. */
  readonly targetPort?: number | string
  /** Port of the nodes. */
  readonly nodePort?: number
}

/** A service. */
export interface ServiceResource extends ResourceBase<'Service'> {
  /** Desired state. */
  readonly spec: {
    /** `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`; absent = ClusterIP. */
    readonly type?: string
    /** Virtual address, or `None`. */
    readonly clusterIP?: string
    /** Addresses of both families. */
    readonly clusterIPs?: readonly string[]
    /** Pods behind it. */
    readonly selector?: Readonly<Record<string, string>>
    /** Ports. */
    readonly ports?: readonly ServicePort[]
    /** `Cluster` or `Local`. */
    readonly externalTrafficPolicy?: string
    /** `Cluster` or `Local`. */
    readonly internalTrafficPolicy?: string
    /** Further addresses. */
    readonly externalIPs?: readonly string[]
    /** Address asked of a load balancer. */
    readonly loadBalancerIP?: string
    /** Who gives it addresses; absent = whoever does by default. */
    readonly loadBalancerClass?: string
    /** Sources from which the addresses of the load balancer may be asked; absent = any. */
    readonly loadBalancerSourceRanges?: readonly string[]
    /** Port of the nodes at which load balancers ask whether a node has endpoints. */
    readonly healthCheckNodePort?: number
    /** `None` or `ClientIP`. */
    readonly sessionAffinity?: string
    /** How long a client stays with its endpoint. */
    readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } }
    /** Pods are endpoints before they are ready. */
    readonly publishNotReadyAddresses?: boolean
    /** `PreferClose`, `PreferSameZone`, `PreferSameNode`. */
    readonly trafficDistribution?: string
  }
  /** Observed state. */
  readonly status?: {
    /** Addresses a load balancer gave; those of mode `Proxy` are its own, and nodes leave them alone. */
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly ipMode?: string }[] }
  }
}

/** Endpoints of a service. */
export interface EndpointSliceResource extends ResourceBase<'EndpointSlice'> {
  /** `IPv4`, `IPv6` or `FQDN`. */
  readonly addressType?: string
  /** Endpoints. */
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[]
    readonly nodeName?: string
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
    readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
    readonly hints?: {
      readonly forZones?: readonly { readonly name: string }[]
      readonly forNodes?: readonly { readonly name: string }[]
    }
  }[]
  /** Ports. */
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[]
}

/** An address of {@link EndpointsResource}. */
export interface EndpointAddress {
  /** Address. */
  readonly ip: string
  /** Node of it. */
  readonly nodeName?: string
  /** Its pod. */
  readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
}

/** Endpoints of the service of the same name, as it was before EndpointSlices. */
export interface EndpointsResource extends ResourceBase<'Endpoints'> {
  /** Addresses that have the same ports. */
  readonly subsets?: readonly {
    readonly addresses?: readonly EndpointAddress[]
    readonly notReadyAddresses?: readonly EndpointAddress[]
    readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[]
  }[]
}

/** What kube-proxy is told: the content of its ConfigMap, or such a file. */
export interface KubeProxyConfigurationResource extends ResourceBase<'KubeProxyConfiguration'> {
  /** `iptables`, `ipvs`, `nftables`; '' or absent = iptables. */
  readonly mode?: string
  /** Range of the pods; one of each family, with a comma. */
  readonly clusterCIDR?: string
  /** By what packets of pods are told: `ClusterCIDR`, `NodeCIDR`, `BridgeInterface`, `InterfaceNamePrefix`. */
  readonly detectLocalMode?: string
  /** Interfaces of pods, for the last two. */
  readonly detectLocal?: { readonly bridgeInterface?: string; readonly interfaceNamePrefix?: string }
  /** Ranges of node addresses that take node ports; absent = all. */
  readonly nodePortAddresses?: readonly string[]
  /** Of the iptables mode. */
  readonly iptables?: {
    readonly masqueradeAll?: boolean
    readonly masqueradeBit?: number
    readonly localhostNodePorts?: boolean
    /** How often its rules are looked at; `0s` or absent = 30 s. */
    readonly syncPeriod?: string
  }
  /** Of connection tracking. */
  readonly conntrack?: { readonly tcpBeLiberal?: boolean }
  /** Of Linux, in newer forms of the file. */
  readonly linux?: { readonly masqueradeAll?: boolean; readonly conntrack?: { readonly tcpBeLiberal?: boolean } }
}
