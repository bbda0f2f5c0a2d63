import { CLUSTER_ROUTES, LOG_LEVEL } from './bgp-configuration.ts'
import { ROUTE_PRIORITY } from './bgp-values.ts'
import { DECIMAL_UNITS, WHOLE_UNITS } from './duration.ts'
import { has, refuseIf } from './members.ts'
import {
  type Agreement,
  anyCaseWords,
  DURATION,
  emptyCounts,
  type Fields,
  FLAG,
  list,
  type MapShape,
  map,
  NUMERIC_PORT,
  needed,
  PORT,
  type Refusal,
  type Shape,
  shortText,
  TEXT,
  text,
  whole,
  withDefault,
  words,
} from './shape.ts'
import {
  INTERFACE,
  INTERFACE_FILTER,
  IPV4,
  IPV6,
  like,
  ONE_INTERFACE,
  PATTERN,
  PLAIN_NAME,
  RANGE,
  RANGE4,
} from './text-checks.ts'

/** One of some words, where an empty text is none of them. */
const chosen = (...list: readonly string[]): Shape => emptyCounts(words(...list))

/** The same shape for fields by name. */
function each(shape: Shape, names: string): Record<string, Shape> {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, shape]),
  )
}

const PORT_NUMBER = whole(0, 65535)
const MASK = whole(0, 4294967295)
const ALLOW = anyCaseWords('Accept', 'Return')
const DENY = anyCaseWords('Drop', 'Reject')
const REGEXP = text(PATTERN)
const LONGEST_ADDRESS = 45

/** A timeout of conntrack, or what Linux has. */
const TIMEOUT = emptyCounts(text(like(/^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/, 'a duration, or Auto')))

const HOST_PORTS: Shape = list(map({ protocol: anyCaseWords('TCP', 'UDP', 'SCTP'), port: PORT_NUMBER, net: TEXT }))

/** Names with values between commas; each has a value. */
const GATES = text(
  like(/^([a-zA-Z0-9-_]+=([^=]+),)*([a-zA-Z0-9-_]+=([^=]+))?$/, 'name=value, between commas'),
  like(/^(\s*\w+=[^,]*|)(,(\s*\w+=[^,]*|))*$/, 'name=value, between commas'),
)

/** A range of numbers of routing tables. */
function tables(high: number): MapShape {
  const ordered: Agreement = ({ min, max }) =>
    refuseIf(Number(min) > Number(max), ['max'], 'expected a number that is not below min')
  return map({ min: needed(whole(1, high)), max: needed(whole(1, high)) }, ordered)
}

const LOGS: Record<string, Shape> = {
  ...each(LOG_LEVEL, 'logSeverityFile logSeverityScreen logSeveritySys'),
  ...each(
    TEXT,
    'logFilePath debugMemoryProfilePath debugHost healthHost endpointStatusPathPrefix policySyncPathPrefix',
  ),
  ...each(TEXT, 'prometheusMetricsCAFile prometheusMetricsCertFile prometheusMetricsKeyFile flowLogsGoldmaneServer'),
  ...each(FLAG, 'healthEnabled usageReportingEnabled endpointReportingEnabled debugDisableLogDropping'),
  ...each(FLAG, 'prometheusMetricsEnabled prometheusGoMetricsEnabled prometheusProcessMetricsEnabled'),
  ...each(FLAG, 'prometheusWireGuardMetricsEnabled flowLogsCollectorDebugTrace'),
  ...each(whole(), 'healthPort prometheusMetricsPort'),
  ...each(whole(-1), 'goGCThreshold goMemoryLimitMB goMaxProcs'),
  logDebugFilenameRegex: REGEXP,
  logPrefix: text(like(/^([a-zA-Z0-9%: /_-])*$/, 'letters, digits, blanks and the characters % : / _ -')),
  logActionRateLimit: emptyCounts(
    text(like(/^[1-9]\d{0,3}\/(?:second|minute|hour|day)$/, 'a rate, e.g. 10/minute; at most 9999')),
  ),
  logActionRateLimitBurst: whole(0, 9999),
  debugPort: PORT_NUMBER,
  prometheusMetricsHost: text(like(/^[a-zA-Z0-9:._+-]{1,64}$/, 'an address or a host name of at most 64 characters')),
  prometheusMetricsClientAuth: chosen(
    'RequireAndVerifyClientCert',
    'RequireAnyClientCert',
    'VerifyClientCertIfGiven',
    'NoClientCert',
  ),
  healthTimeoutOverrides: list(
    map({
      name: needed(text(like(/^[a-zA-Z0-9_ -]+$/, 'letters, digits, blanks, "_" and "-"'))),
      timeout: { is: 'duration', notNegative: true },
    }),
  ),
  flowLogsPolicyEvaluationMode: chosen('None', 'Continuous'),
  flowLogsLocalReporter: chosen('Disabled', 'Enabled'),
}

const INTERVALS: Record<string, Shape> = {
  ...each(
    { is: 'duration', written: WHOLE_UNITS },
    `routeRefreshInterval interfaceRefreshInterval iptablesRefreshInterval iptablesPostWriteCheckInterval
     iptablesLockProbeInterval ipsetsRefreshInterval xdpRefreshInterval netlinkTimeout reportingInterval reportingTTL
     endpointReportingDelay usageReportingInitialDelay usageReportingInterval debugSimulateCalcGraphHangAfter
     debugSimulateDataplaneHangAfter debugSimulateDataplaneApplyDelay bpfIPFragTimeout bpfKubeProxyMinSyncPeriod
     flowLogsFlushInterval wireguardKeepAlive`,
  ),
  liveMigrationRouteConvergenceTime: { is: 'duration', written: DECIMAL_UNITS },
  ...each(DURATION, 'dataplaneWatchdogTimeout nftablesRefreshInterval localSubnetL2ReachabilityRefreshInterval'),
}

const TUNNELS: Record<string, Shape> = {
  ...each(FLAG, 'ipipEnabled vxlanEnabled wireguardEnabled wireguardEnabledV6 wireguardThreadingEnabled'),
  ...each(FLAG, 'wireguardHostEncryptionEnabled allowVXLANPacketsFromWorkloads allowIPIPPacketsFromWorkloads'),
  ...each(whole(), 'ipipMTU vxlanMTU vxlanMTUV6 vxlanPort vxlanVNI wireguardMTU wireguardMTUV6'),
  ...each(whole(1, 65535), 'wireguardListeningPort wireguardListeningPortV6'),
  wireguardRoutingRulePriority: whole(1, 32765),
  ...each(text(INTERFACE), 'wireguardInterfaceName wireguardInterfaceNameV6'),
  mtuIfacePattern: REGEXP,
  requireMTUFile: FLAG,
}

const ROUTES: Record<string, Shape> = {
  ...each(FLAG, 'ipv6Support removeExternalRoutes routeSyncDisabled'),
  ...each(ROUTE_PRIORITY, 'ipv4NormalRoutePriority ipv4ElevatedRoutePriority'),
  ...each(ROUTE_PRIORITY, 'ipv6NormalRoutePriority ipv6ElevatedRoutePriority'),
  deviceRouteSourceAddress: shortText(LONGEST_ADDRESS, IPV4),
  deviceRouteSourceAddressIPv6: shortText(LONGEST_ADDRESS, IPV6),
  deviceRouteProtocol: whole(),
  programClusterRoutes: CLUSTER_ROUTES,
  ipForwarding: words('Enabled', 'Disabled'),
  externalNodesList: list(text(RANGE4)),
  routeSource: anyCaseWords('WorkloadIPs', 'CalicoIPAM'),
  routeTableRanges: list(tables(0xffffffff)),
  routeTableRange: tables(250),
  awsSrcDstCheck: chosen('DoNothing', 'Enable', 'Disable'),
  floatingIPs: chosen('Enabled', 'Disabled'),
  localSubnetL2Reachability: chosen('Disabled', 'PodsAndLoadBalancers'),
}

const RULES: Record<string, Shape> = {
  ...each(FLAG, 'disableConntrackInvalidCheck sidecarAccelerationEnabled xdpEnabled genericXDPEnabled'),
  ...each(ALLOW, 'iptablesFilterAllowAction iptablesMangleAllowAction'),
  ...each(ALLOW, 'nftablesFilterAllowAction nftablesMangleAllowAction'),
  ...each(DENY, 'iptablesFilterDenyAction nftablesFilterDenyAction'),
  ...each(MASK, 'iptablesMarkMask nftablesMarkMask'),
  ...each(HOST_PORTS, 'failsafeInboundHostPorts failsafeOutboundHostPorts'),
  ...each(TEXT, 'interfacePrefix interfaceExclude'),
  chainInsertMode: anyCaseWords('Insert', 'Append'),
  defaultEndpointToHostAction: anyCaseWords('Drop', 'Accept', 'Return'),
  maxIpsetSize: whole(),
  iptablesBackend: chosen('Legacy', 'NFT', 'Auto'),
  kubeNodePortRanges: list(NUMERIC_PORT, { longest: 7 }),
  natPortRange: PORT,
  natOutgoingAddress: shortText(LONGEST_ADDRESS, IPV4),
  natOutgoingExclusions: chosen('IPPoolsOnly', 'IPPoolsAndHostIPs'),
  iptablesNATOutgoingInterfaceFilter: text(INTERFACE_FILTER),
  serviceLoopPrevention: words('Drop', 'Reject', 'Disabled'),
  workloadSourceSpoofing: words('Disabled', 'Any'),
  nftablesMode: withDefault(chosen('Disabled', 'Enabled', 'Auto'), 'Auto'),
  nftablesFlowTableOffload: withDefault(chosen('All', 'Disabled'), 'Disabled'),
  nftablesFlowTableDataIfacePattern: REGEXP,
  istioAmbientMode: chosen('Enabled', 'Disabled'),
  istioDSCPMark: { is: 'octet-or-text' },
}

const MAP_SIZES = `bpfMapSizeNATFrontend bpfMapSizeNATBackend bpfMapSizeNATAffinity bpfMapSizeRoute
  bpfMapSizeConntrack bpfMapSizePerCpuConntrack bpfMapSizeIPSets bpfMapSizeIfState bpfExportBufferSizeMB`

const namesAreInterfaces: Agreement = (filters) =>
  Object.keys(filters)
    .filter((name) => !ONE_INTERFACE.ok(name))
    .map((name): Refusal => ({ at: [name], message: `expected ${ONE_INTERFACE.what}` }))

const BPF: Record<string, Shape> = {
  ...each(FLAG, 'bpfEnabled bpfDisableUnprivileged bpfConnectTimeLoadBalancingEnabled bpfHostConntrackBypass'),
  ...each(FLAG, 'bpfKubeProxyIptablesCleanupEnabled bpfIPFragmentReassemblyEnabled bpfPolicyDebugEnabled'),
  ...each(whole(), MAP_SIZES),
  ...each(REGEXP, 'bpfDataIfacePattern bpfL3IfacePattern bpfDisableGROForIfaces'),
  ...each(list(text(RANGE)), 'bpfDSROptoutCIDRs bpfExcludeCIDRsFromNAT'),
  ...each(words('Enabled', 'Disabled'), 'bpfRedirectToPeer bpfProfiling'),
  ...each(whole(1, 3000), 'bpfMaglevMaxEndpointsPerService bpfMaglevMaxServices'),
  ...each(TEXT, 'bpfCTLBLogFilter cgroupV2Path'),
  bpfMapSizeConntrackCleanupQueue: whole(1),
  bpfMapSizeConntrackScaling: anyCaseWords('Disabled', 'DoubleIfFull'),
  bpfOverlayHostSourceIP: chosen('TunnelAddress', 'HostAddress'),
  bpfJITHardening: chosen('Auto', 'Strict'),
  bpfLogLevel: anyCaseWords('Off', 'Info', 'Debug'),
  bpfConntrackLogLevel: words('Off', 'Debug'),
  bpfConntrackMode: chosen('Auto', 'Userspace', 'BPFProgram'),
  bpfConntrackTimeouts: map(
    each(
      TIMEOUT,
      `creationGracePeriod tcpSynSent tcpEstablished tcpFinsSeen tcpResetSeen udpTimeout genericTimeout icmpTimeout`,
    ),
  ),
  bpfLogFilters: { is: 'record', of: TEXT, agreements: [namesAreInterfaces] },
  bpfConnectTimeLoadBalancing: chosen('TCP', 'Enabled', 'Disabled'),
  bpfHostNetworkedNATWithoutCTLB: chosen('Enabled', 'Disabled'),
  bpfExternalServiceMode: anyCaseWords('Tunnel', 'DSR'),
  bpfExtToServiceConnmark: MASK,
  bpfKubeProxyHealthzPort: PORT_NUMBER,
  bpfPSNATPorts: PORT,
  bpfEnforceRPF: anyCaseWords('Disabled', 'Strict', 'Loose'),
  bpfForceTrackPacketsFromIfaces: list(emptyCounts(text(INTERFACE_FILTER))),
  bpfAttachType: chosen('TC', 'TCX', 'Netkit'),
}

const ELSEWHERE: Record<string, Shape> = {
  nodeSelector: shortText(1024),
  useInternalDataplaneDriver: FLAG,
  ...each(TEXT, 'dataplaneDriver metadataAddr'),
  metadataPort: whole(),
  featureDetectOverride: text(
    like(/^(\w+=(true|false|),)*(\w+=(true|false|))?$/, 'name=true or name=false, between commas'),
  ),
  featureGates: GATES,
  openstackRegion: shortText(46, PLAIN_NAME),
  windowsManageFirewallRules: chosen('Enabled', 'Disabled'),
}

/**
 * Every field of a FelixConfiguration, and what its value must be.
 * @calico api/pkg/apis/projectcalico/v3/felixconfig.go
 */
export const FELIX_FIELDS: Readonly<Record<string, Shape>> = {
  ...LOGS,
  ...INTERVALS,
  ...TUNNELS,
  ...ROUTES,
  ...RULES,
  ...BPF,
  ...ELSEWHERE,
}

const MOST_TABLES = 0xffff

/** Ranges of routing tables are said in one way, and there are not too many. */
export function tablesAgree(spec: Fields): readonly Refusal[] {
  const both = has(spec, 'routeTableRange') && has(spec, 'routeTableRanges')
  const ranges = Array.isArray(spec['routeTableRanges']) ? (spec['routeTableRanges'] as Fields[]) : []
  const count = ranges.reduce((sum, range) => sum + Number(range?.['max']) - Number(range?.['min']) + 1, 0)
  return [
    ...refuseIf(both, ['routeTableRange'], 'routeTableRanges says it already'),
    ...refuseIf(count > MOST_TABLES, ['routeTableRanges'], `expected at most ${MOST_TABLES} tables, not ${count}`),
  ]
}
