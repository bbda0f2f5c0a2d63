/**
 * The control plane: IPAM, CNI plugin, Felix and BIRD as pure functions from Kubernetes and Calico objects to a
 * `Network`. It computes and never sends a packet. May import: wire, model, linux, encap.
 *
 * @packageDocumentation
 */

export type { Passed, Told, Withheld } from './bird/advertise.ts'
export type { FilterFault } from './bird/bgp-filter.ts'
export { type BgpCluster, explainBgp, ownersOf, worldOfCluster } from './bird/cluster-bgp.ts'
export type { BirdConfiguration, BirdNeighbour, BirdStaticRoute, NeighbourKind } from './bird/configuration.ts'
export { configurationText } from './bird/configuration-text.ts'
export { explainPrefix, type NeighbourTold, type PathHop, type PrefixExplanation } from './bird/explanation.ts'
export type { FilterFunction, FilterStatement, FilterTest, NetOperator } from './bird/filter-program.ts'
export { type FilterRoute, type FilterVerdict, runFilter } from './bird/filter-run.ts'
export { type BgpPath, type OwnRoute, PATH_RULES, type PathRule } from './bird/paths.ts'
export { type LearnedPaths, pathsAtNode } from './bird/paths-at-node.ts'
export {
  type BgpPlan,
  forEachPeering,
  meshPeering,
  type Peering,
  type PeerType,
  peeringBetween,
  peeringCount,
  type RouterSpeaker,
  type Speaker,
} from './bird/peerings.ts'
export { type Propagation, propagate } from './bird/propagation.ts'
export { bgpGraph } from './bird/session-graph.ts'
export { type BgpFault, type BgpSessions, unlearnedOwners } from './bird/sessions.ts'
export type { BgpSession, BgpSpeaker, BgpWorld } from './bird/speakers.ts'
export { nodeStatus, type PeerStatus } from './bird/status.ts'
export type {
  AllowedUse,
  BGPConfigurationResource,
  BGPPeerResource,
  BlockAffinityResource,
  ClusterInformationResource,
  EncapMode,
  FelixConfigurationResource,
  IPAMBlockResource,
  IPAMConfigResource,
  IPPoolResource,
  IPReservationResource,
} from './calico-kinds.ts'
export {
  type AdminPolicyKind,
  type CalicoVersion,
  calicoVersionOf,
  isAssumedRelease,
  NEWEST_CALICO_VERSION,
  parseCalicoVersion,
  traitsOf,
  type VersionTraits,
} from './calico-version.ts'
export { type BuildOptions, buildCluster, type Cluster } from './cluster.ts'
export {
  blocksOf,
  type CollectedCluster,
  collectedCluster,
  garbageOf,
  leakedIn,
  withoutGarbage,
} from './cluster-edit/collect.ts'
export { slicesWrittenAnew } from './cluster-edit/consequences.ts'
export type { ClusterEdit } from './cluster-edit/edit.ts'
export { type EditOptions, editCluster, withSessions } from './cluster-edit/edit-cluster.ts'
export { storedObjects } from './cluster-edit/stored-objects.ts'
export { addressOfNode, type ClusterNode, parentInterface, subnetOfNode } from './cluster-node.ts'
export { HOST_LINK_LOCAL, HOST_MAC, POD_GATEWAY, type WorkloadEndpoint } from './cni.ts'
export { cniConfigOf } from './cni-config.ts'
export { cniAdd } from './cni-plugin/add.ts'
export { NotModelled } from './cni-plugin/call-checks.ts'
export { type CniCall, type CniMachine, type CniObjects, cniMachine } from './cni-plugin/cni-machine.ts'
export { cniDel } from './cni-plugin/del.ts'
export { type CniFailure, isCniFailure } from './cni-plugin/failure.ts'
export type { PluginEndpoint } from './cni-plugin/plugin-endpoint.ts'
export { type PodDevice, routeLines } from './cni-plugin/pod-device.ts'
export { podRefusal } from './cni-plugin/pod-refusal.ts'
export { addSteps, type CniStep, delSteps } from './cni-plugin/walkthrough.ts'
export { birdConfiguration } from './confd/bird-configuration.ts'
export type {
  AdvertisedPrefix,
  BgpSettings,
  ConfdAffinity,
  ConfdDatastore,
  ConfdNode,
  ConfdPeer,
  ConfdPool,
  ConfdService,
  ConfdSlice,
  PasswordRef,
  PoolEncapsulation,
  WorkloadPeer,
} from './confd/datastore.ts'
export { bgpWorld, type Hearing, type OutsideSpeaker } from './confd/node-speakers.ts'
export { type ConfdOptions, confdDatastore, type PlainObject } from './confd/read-objects.ts'
export { contradictions } from './contradictions/contradictions.ts'
export {
  type Contradiction,
  FINDING_SORTS,
  type FindingName,
  type FindingSort,
  type Severity,
} from './contradictions/finding.ts'
export type { Conversion, Converted, GivenMetadata } from './conversion/converted.ts'
export type { EndpointNat, EndpointPort, EndpointSpec, QosControls } from './conversion/endpoint-kind.ts'
export type { ConvertedPod, PortedContainer } from './conversion/pod.ts'
export {
  type ConvertedEndpoint,
  type EndpointTraits,
  endpointOfPod,
} from './conversion/pod-endpoint.ts'
export {
  type ConvertedGlobalPolicy,
  type ConvertedPolicy,
  convertedAdminPolicy,
  convertedPolicy,
  type PolicyTraits,
} from './conversion/policies.ts'
export { type ConvertedProfile, profileOfAccount, profileOfNamespace } from './conversion/profiles.ts'
export type {
  BGPFilterOperation,
  BGPFilterResource,
  BGPFilterRule,
  CalicoNodeStatusResource,
  IPAMHandleResource,
  PrefixLengths,
  SecretResource,
  WorkloadEndpointResource,
} from './datastore-kinds.ts'
export { explainField, type FieldExplanation } from './explain/explain-field.ts'
export type { Encapsulation, ProgrammedPools } from './felix/calc/encapsulation.ts'
export type { EndpointPolicies, EndpointTier } from './felix/calc/endpoint-policies.ts'
export type { PoolType } from './felix/calc/felix-pool.ts'
export { type FelixState, felixState } from './felix/calc/felix-state.ts'
export { type HostResolution, type NamedInterface, resolvedHosts } from './felix/calc/host-resolution.ts'
export type { FelixRoute, RouteType, TunnelType } from './felix/calc/route-resolver.ts'
export { StoredObjects } from './felix/calc/stored-objects.ts'
export type { FelixVtep, WireguardEnd } from './felix/calc/vteps.ts'
export { TUNL0_DOWN } from './felix/devices.ts'
export type { FloatingAddress } from './felix/floating-address.ts'
export type {
  CalculatedRoute,
  KernelPool,
  KernelState,
  KernelWorkload,
  TunnelEndpoint,
  WantedDevice,
} from './felix/kernel/kernel-state.ts'
export { type KernelProgram, kernelProgram, type PeerEntry } from './felix/kernel/program.ts'
export type { ProgrammedRoute } from './felix/kernel/route-program.ts'
export {
  type AddressChanges,
  addressChanges,
  type DeviceAddress,
  type VxlanAttributes,
  type VxlanField,
  vxlanMismatch,
} from './felix/kernel/tunnel-device.ts'
export { carriedMtu, deviceMtu, enabledDevices, podMtu, type TunnelDevice } from './felix/mtu.ts'
export { type LeavingPacket, sourceOfLeaving } from './felix/nat-outgoing.ts'
export type { RuleContext } from './felix/rules/context.ts'
export { inPlaces } from './felix/rules/match-block.ts'
export { type ChosenMarks, type PieceSettings, pieceContext } from './felix/rules/piece-context.ts'
export {
  type ChainLines,
  groupLines,
  type HostDispatchTable,
  type HostTable,
  hostDispatchLines,
  hostLines,
  natOutgoingLines,
  type PolicyName,
  policyLines,
  profileLines,
  type RulesByDirection,
  ruleLines,
  type TierNames,
  workloadDispatchLines,
  workloadLines,
} from './felix/rules/pieces.ts'
export type { Findings } from './findings.ts'
export type { Autodetection, InstallationResource } from './install/installation-kind.ts'
export { installedPools } from './install/pools.ts'
export type { PodAddresses } from './ipam/assigned-pods.ts'
export type { Allocation, Block, TunnelKind } from './ipam/block.ts'
export type { IpamResult } from './ipam/cluster-ipam.ts'
export type { Pool } from './ipam/pool.ts'
export { type AssignRequest, assignAddress } from './ipam/store/assign-address.ts'
export {
  type Assigned,
  type AutoAssigned,
  type AutoAssignRequest,
  autoAssignAddresses,
} from './ipam/store/auto-assign.ts'
export { type ClaimResult, claimRange, releaseNode, releaseRange } from './ipam/store/claims.ts'
export { storeOfCluster, storeOfResources } from './ipam/store/cluster-store.ts'
export { failure, type IpamFailure, type IpamReason, isFailure } from './ipam/store/failure.ts'
export { type Collected, collectGarbage, type GarbageLook, type PodSeen } from './ipam/store/garbage.ts'
export { addressesOfHandle } from './ipam/store/handles.ts'
export { type HeldAddress, heldAddresses, inspectAddress } from './ipam/store/inspect.ts'
export { freeSlots, type IpamAllocation, type IpamBlock } from './ipam/store/ipam-block.ts'
export { checkIpam, type IpamCheck, type IpamProblem, type IpamProblemKind } from './ipam/store/ipam-check.ts'
export { type AddressOwner, addressOwners } from './ipam/store/ipam-owners.ts'
export type { IpamPool } from './ipam/store/ipam-pool.ts'
export {
  type AffinityState,
  blockRangeOf,
  type Claimant,
  type IpamAffinity,
  type IpamSettings,
  type IpamStore,
  listAffinities,
  listBlocks,
} from './ipam/store/ipam-store.ts'
export { type ReleaseRequest, type ReleaseResult, releaseAddresses, releaseHandle } from './ipam/store/release.ts'
export { applyObject, deleteObject, type IpamTraits, storeOf } from './ipam/store/stored-objects.ts'
export { matchingPools, rangeText, resolvePools } from './ipam/store/usable-pools.ts'
export { type BlockUsage, type PoolUsage, type Usage, utilization } from './ipam/store/utilization.ts'
export { walkOf } from './ipam/store/walk.ts'
export {
  MOST_COUNTED,
  type NextPod,
  nextPod,
  type Resized,
  type Room,
  resize,
  room,
  sized,
} from './ipam/store/what-if.ts'
export { takingConnections } from './kube-proxy/categorize.ts'
export { proxySyncPeriod } from './kube-proxy/config.ts'
export { nodePortAddresses, nodePortOf, takesNodePorts } from './kube-proxy/node-ports.ts'
export type { PortEndpoints } from './kube-proxy/port-endpoints.ts'
export { portsOfService, type ServicePort as ProxyPort } from './kube-proxy/service-ports.ts'
export { type ServiceAddress, type ServicePacket, type ServiceWay, serviceAt } from './kube-proxy/service-way.ts'
export type {
  Affinity,
  Condition,
  ConfigMapResource,
  ContainerPort,
  ControllerRevisionResource,
  DaemonSetResource,
  DeploymentResource,
  EndpointAddress,
  EndpointSliceResource,
  EndpointsResource,
  KubeProxyConfigurationResource,
  NamespaceResource,
  NodeRequirement,
  NodeResource,
  NodeTerms,
  PodPlacement,
  PodResource,
  PodSetResource,
  PodTemplate,
  PodTerm,
  RollingUpdate,
  ServicePort,
  ServiceResource,
  Taint,
  TemplateContainer,
  TemplateSpec,
  Toleration,
  UpdateStrategy,
} from './kubernetes-kinds.ts'
export { selectsLabels } from './label-selector.ts'
export type { PodListEdit } from './listed-pods.ts'
export { hostInterfaceName, vtepMac, workloadEndpointName } from './names.ts'
export { internalIps, NODE_LABELS, nodeAddresses, ownNodeLabels } from './node-annotations.ts'
export { collectResources, isNamespaced, kindsIn, listOfKind, objectKey, objectName } from './objects-by-kind.ts'
export { type FieldPath, originOf } from './origin.ts'
export type {
  AdminPeer,
  AdminPolicyResource,
  AdminPort,
  AdminRule,
  AdminSubject,
  ClusterPorts,
  ClusterProtocol,
} from './policy/admin-kinds.ts'
export { type PolicyInputs, policyBook } from './policy/book.ts'
export { type PolicyEndpoint, policyEndpoint, selectsEndpoint } from './policy/endpoints.ts'
export { ALLOWS_ALL, hostEndpointsOf } from './policy/host-endpoints.ts'
export {
  type EndpointAnswer,
  type EndpointQuestion,
  judgeEndpoint,
  type PolicyAnswer,
  type PolicyPacket,
  ruleMatches,
  type TierAnswer,
} from './policy/judge.ts'
export type {
  AutoHostEndpoints,
  CalicoPolicySpec,
  CalicoRule,
  EntityRule,
  GlobalNetworkPolicyResource,
  GlobalPolicySpec,
  HostEndpointResource,
  HostEndpointTemplate,
  IcmpFields,
  KubeControllersConfigurationResource,
  KubernetesEgressRule,
  KubernetesIngressRule,
  KubernetesPeer,
  KubernetesPolicySpec,
  KubernetesPort,
  NetworkPolicyResource,
  NetworkSetResource,
  PolicyResource,
  PortText,
  ProfileResource,
  ServiceAccountResource,
  StagedGlobalNetworkPolicyResource,
  StagedKubernetesNetworkPolicyResource,
  StagedNetworkPolicyResource,
  StagedPolicyResource,
  TierResource,
} from './policy/kinds.ts'
export { isCalicoPolicy } from './policy/kinds.ts'
export type { LabelSelector } from './policy/label-selector-kind.ts'
export { InheritedLabels } from './policy/labels.ts'
export type {
  HostPolicies,
  IcmpMatch,
  NodePolicies,
  Policy,
  PolicyBook,
  PolicyRule,
  Profile,
  ProtocolMatch,
  SetId,
  SideMatch,
  Tier,
  TierPolicies,
  WorkloadPolicies,
} from './policy/model.ts'
export { type PolicyKind, policyKindOf } from './policy/policy-kinds.ts'
export { joinedPorts, type ParsedPort, parsePort, portText } from './policy/ports.ts'
export { accountProfile, namespaceProfile } from './policy/profiles.ts'
export { protocolMatch } from './policy/protocol.ts'
export { readPolicy } from './policy/read-policy.ts'
export { ruleScope } from './policy/scope.ts'
export {
  canonicalText,
  type EndpointSelector,
  endpointSelector,
  namespaceSelectorText,
  podSelectorText,
} from './policy/selector-text.ts'
export { selectorId } from './policy/set-spec.ts'
export type { PolicySpec, RuleSpec } from './policy/spec.ts'
export {
  hostPoliciesDiffer,
  nodesUnderOtherPolicies,
  POLICY_LISTS,
  type PolicyResources,
  resynced,
  withPolicies,
} from './policy-edit.ts'
export { hostPortsIn, hostPortsOf } from './portmap/host-ports.ts'
export type { Destination, Transport } from './prefixes-of-nodes.ts'
export { isReadAnnotation } from './read-annotations.ts'
export type {
  Metadata,
  ObjectDeletion,
  ObjectReference,
  OtherResource,
  OwnerReference,
  Place,
  PlaceOf,
  ResourceBase,
} from './resource.ts'
export type { KnownResource, Resources } from './resources.ts'
export { type Owner, routeOwner } from './routes/situation.ts'
export { isSameData } from './same-data.ts'
export { isSelectorFault, parseSelector, type Selector, type SelectorFault, selects, selectsBy } from './selector.ts'
export { isOfProtocol, protocolOf } from './services/port-protocol.ts'
export { awaitsNetwork, isAlive, podReadiness } from './services/readiness.ts'
export { clusterIpsOf, outsideIpsOf } from './services/service-addresses.ts'
export { emptySlice, hasSelector, writtenSlices } from './services/written-slices.ts'
export { durationOf } from './settings/duration.ts'
export type { Environment, Variable } from './settings/environment.ts'
export { parsePorts } from './settings/felix-parsers.ts'
export { FELIX_VALUES, PORTS, type ValueKind } from './settings/felix-values.ts'
export { type Backend, type FelixSettings, felixSettingsOf, type Settings } from './settings/settings.ts'
export { isReadVariable, OF_KUBE_CONTROLLERS } from './settings/variables.ts'
export type { MadePool } from './startup/default-pools.ts'
export { drawnRange } from './startup/drawn-range.ts'
export type { HostInterface } from './startup/interfaces.ts'
export { KUBEADM_CONFIG, type PodSubnets, podSubnetsOf } from './startup/kubeadm.ts'
export type { NodeIp, StoredNode } from './startup/node-ips.ts'
export { type OwnInterface, type StartSituation, startNode } from './startup/startup.ts'
export { buildUnderlay, type Underlay } from './underlay/build.ts'
export { describedUnderlay } from './underlay/described.ts'
export type {
  UnderlayFilter,
  UnderlayInterface,
  UnderlayNode,
  UnderlayResource,
  UnderlayRouter,
  UnderlaySegment,
} from './underlay/kind.ts'
export type { OwnedRange } from './underlay/outside.ts'
export type {
  PlannedFilter,
  PlannedInterface,
  PlannedMachine,
  PlannedRouter,
  PlannedSegment,
  SegmentNet,
  UnderlayPlan,
} from './underlay/plan.ts'
export { createRefusalsOf } from './validation/create-checks.ts'
export { defaulted } from './validation/defaulted.ts'
export { notHonoured } from './validation/not-honoured.ts'
export type { Fields, Refusal } from './validation/shape.ts'
export { pathText, refusalsOf, webhookRefusalsOf } from './validation/validate.ts'
export { cardCables, nodesIn } from './views/cohort.ts'
export { mergedNamespace, mergedWires } from './views/merged-namespace.ts'
export { podsThatDiffer } from './views/moved-endpoints.ts'
export { nodeOfViews } from './views/node-of-views.ts'
export { allSee, FELIX_PARTS, type FelixPart, felixView, type NodeViews, onlyView } from './views/node-views.ts'
export { RESYNC_PARTS, type ResyncPart, resyncedNode } from './views/resynced-node.ts'
export { movedMembers, type Sharing, type StateChange, stateChanges } from './views/state-changes.ts'
export { type OwnViews, ViewedNetworks } from './views/viewed-network.ts'
export { type EndpointFinder, endpointsIn } from './workloads.ts'
