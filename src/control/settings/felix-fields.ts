import { type FieldTable, fieldTable } from './field-use.ts'

const BPF_ONLY = 'of the eBPF dataplane, which is named by itself'
const NFT_ONLY = 'of the nftables dataplane, which is named by itself'
const BETWEEN_NODES = { kind: 'between_nodes' } as const
const TRANSLATED = { kind: 'translated' } as const

/** Fields of a FelixConfiguration by what they do here. @calico api/pkg/apis/projectcalico/v3/felixconfig.go */
export const FELIX_TABLE: FieldTable = fieldTable('felix_field', {
  read: [
    'ipipEnabled',
    'ipipMTU',
    'vxlanEnabled',
    'vxlanMTU',
    'vxlanMTUV6',
    'vxlanPort',
    'vxlanVNI',
    'wireguardEnabled',
    'wireguardEnabledV6',
    'wireguardMTU',
    'wireguardMTUV6',
    'wireguardListeningPort',
    'wireguardListeningPortV6',
    'wireguardRoutingRulePriority',
    'wireguardHostEncryptionEnabled',
    'deviceRouteProtocol',
    'deviceRouteSourceAddress',
    'deviceRouteSourceAddressIPv6',
    'natOutgoingAddress',
    'natOutgoingExclusions',
    'mtuIfacePattern',
    'ipv6Support',
    'ipForwarding',
    'programClusterRoutes',
    'defaultEndpointToHostAction',
    'serviceLoopPrevention',
    'natPortRange',
    'iptablesNATOutgoingInterfaceFilter',
    'externalNodesList',
    'failsafeInboundHostPorts',
    'failsafeOutboundHostPorts',
    'iptablesFilterAllowAction',
    'iptablesMangleAllowAction',
    'iptablesFilterDenyAction',
    'disableConntrackInvalidCheck',
    'chainInsertMode',
    'allowVXLANPacketsFromWorkloads',
    'allowIPIPPacketsFromWorkloads',
    'iptablesMarkMask',
    'logPrefix',
    'logActionRateLimit',
    'logActionRateLimitBurst',
    'workloadSourceSpoofing',
    'flowLogsGoldmaneServer',
    'flowLogsLocalReporter',
    'floatingIPs',
    'routeSource',
  ],
  harmless: {
    'logs, metrics, health, debugging': [
      ...['logFilePath', 'logSeverityFile', 'logSeverityScreen', 'logSeveritySys', 'logDebugFilenameRegex'],
      ...['reportingInterval', 'reportingTTL', 'healthEnabled'],
      ...['healthHost', 'healthPort', 'healthTimeoutOverrides', 'prometheusMetricsEnabled', 'prometheusMetricsHost'],
      ...['prometheusMetricsPort', 'prometheusGoMetricsEnabled', 'prometheusProcessMetricsEnabled'],
      ...['prometheusWireGuardMetricsEnabled', 'prometheusMetricsCAFile', 'prometheusMetricsCertFile'],
      ...[
        'prometheusMetricsKeyFile',
        'prometheusMetricsClientAuth',
        'usageReportingEnabled',
        'usageReportingInitialDelay',
      ],
      ...['usageReportingInterval', 'debugMemoryProfilePath', 'debugCPUProfilePath', 'debugDisableLogDropping'],
      ...['debugSimulateCalcGraphHangAfter', 'debugSimulateDataplaneHangAfter', 'debugSimulateDataplaneApplyDelay'],
      ...['debugHost', 'debugPort', 'debugPanicAfter', 'debugSimulateDataRace', 'flowLogsPolicyEvaluationMode'],
      ...['flowLogsFlushInterval', 'flowLogsCollectorDebugTrace'],
      ...['goGCThreshold', 'goMemoryLimitMB', 'goMaxProcs', 'endpointReportingEnabled', 'endpointReportingDelay'],
      ...['endpointStatusPathPrefix', 'policySyncPathPrefix'],
    ],
    'when Felix looks again: what is built is settled, and what somebody edits over time is read for it': [
      ...['dataplaneWatchdogTimeout', 'routeRefreshInterval', 'interfaceRefreshInterval', 'iptablesRefreshInterval'],
      ...['iptablesPostWriteCheckInterval', 'iptablesLockProbeInterval', 'ipsetsRefreshInterval', 'xdpRefreshInterval'],
      ...['netlinkTimeout', 'localSubnetL2ReachabilityRefreshInterval', 'nftablesRefreshInterval'],
      ...['liveMigrationRouteConvergenceTime', 'wireguardKeepAlive', 'wireguardThreadingEnabled', 'requireMTUFile'],
    ],
    'the same rules in another form or with other marks': [
      ...['iptablesBackend', 'maxIpsetSize', 'xdpEnabled', 'genericXDPEnabled', 'cgroupV2Path'],
      ...['routeTableRange', 'routeTableRanges', 'featureGates', 'interfaceExclude', 'removeExternalRoutes'],
      ...['ipv4ElevatedRoutePriority', 'ipv6ElevatedRoutePriority'],
    ],
    'of IPVS, which is named by itself': ['kubeNodePortRanges'],
    'of OpenStack, AWS or Windows': [
      'metadataAddr',
      'metadataPort',
      'openstackRegion',
      'awsSrcDstCheck',
      'windowsManageFirewallRules',
    ],
    [NFT_ONLY]: [
      ...['nftablesFlowTableOffload', 'nftablesFlowTableDataIfacePattern', 'nftablesFilterAllowAction'],
      ...['nftablesMangleAllowAction', 'nftablesFilterDenyAction', 'nftablesMarkMask'],
    ],
    [BPF_ONLY]: [
      ...['bpfOverlayHostSourceIP', 'bpfDisableUnprivileged', 'bpfJITHardening', 'bpfLogLevel', 'bpfConntrackLogLevel'],
      ...['bpfConntrackMode', 'bpfConntrackTimeouts', 'bpfIPFragTimeout', 'bpfLogFilters', 'bpfCTLBLogFilter'],
      ...[
        'bpfDataIfacePattern',
        'bpfL3IfacePattern',
        'bpfConnectTimeLoadBalancingEnabled',
        'bpfConnectTimeLoadBalancing',
      ],
      ...['bpfHostNetworkedNATWithoutCTLB', 'bpfExternalServiceMode', 'bpfDSROptoutCIDRs', 'bpfExtToServiceConnmark'],
      ...[
        'bpfKubeProxyIptablesCleanupEnabled',
        'bpfKubeProxyMinSyncPeriod',
        'bpfKubeProxyHealthzPort',
        'bpfPSNATPorts',
      ],
      ...[
        'bpfKubeProxyEndpointSlicesEnabled',
        'bpfMapSizeNATFrontend',
        'bpfMapSizeNATBackend',
        'bpfMapSizeNATAffinity',
      ],
      ...['bpfMapSizeRoute', 'bpfMapSizeConntrack', 'bpfMapSizePerCpuConntrack', 'bpfMapSizeConntrackScaling'],
      ...['bpfMapSizeConntrackCleanupQueue', 'bpfMapSizeIPSets', 'bpfMapSizeIfState', 'bpfHostConntrackBypass'],
      ...['bpfIPFragmentReassemblyEnabled', 'bpfEnforceRPF', 'bpfPolicyDebugEnabled', 'bpfForceTrackPacketsFromIfaces'],
      ...[
        'bpfDisableGROForIfaces',
        'bpfExcludeCIDRsFromNAT',
        'bpfExportBufferSizeMB',
        'bpfRedirectToPeer',
        'bpfAttachType',
      ],
      ...['bpfProfiling', 'bpfMaglevMaxEndpointsPerService', 'bpfMaglevMaxServices', 'debugBPFCgroupV2'],
    ],
  },
  notModelled: {
    bpfEnabled: { usual: [false], code: 'dataplane' },
    // The same rules in another form act the same.
    nftablesMode: { usual: ['Disabled', 'Auto'], code: 'dataplane', parts: { effect: 'assumed' } },
    useInternalDataplaneDriver: { usual: [true], code: 'dataplane' },
    dataplaneDriver: { usual: ['calico-iptables-plugin'], code: 'dataplane' },
    istioAmbientMode: { usual: ['Disabled'], code: 'dataplane' },
    istioDSCPMark: { usual: [23], code: 'dataplane' },
    featureDetectOverride: { parts: { effect: 'assumed', scope: TRANSLATED } },
    localSubnetL2Reachability: { usual: ['Disabled'], parts: { turns: 'failure', scope: BETWEEN_NODES } },
    routeSyncDisabled: { usual: [false] },
    interfacePrefix: { usual: ['cali'] },
    ipv4NormalRoutePriority: { usual: [1024], parts: { effect: 'assumed' } },
    ipv6NormalRoutePriority: { usual: [1024], parts: { effect: 'assumed' } },
    wireguardInterfaceName: { usual: ['wireguard.cali'], parts: { effect: 'assumed' } },
    wireguardInterfaceNameV6: { usual: ['wg-v6.cali'], parts: { effect: 'assumed' } },
    sidecarAccelerationEnabled: { usual: [false], parts: { effect: 'assumed' } },
    nodeSelector: {},
  },
})

/** Parameters that the environment calls otherwise than the field. @calico felix/config/config_params.go */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  IPINIPENABLED: 'ipipEnabled',
  IPINIPMTU: 'ipipMTU',
  REPORTINGINTERVALSECS: 'reportingInterval',
  REPORTINGTTLSECS: 'reportingTTL',
  ENDPOINTREPORTINGDELAYSECS: 'endpointReportingDelay',
  IPTABLESPOSTWRITECHECKINTERVALSECS: 'iptablesPostWriteCheckInterval',
  IPTABLESLOCKPROBEINTERVALMILLIS: 'iptablesLockProbeInterval',
  NETLINKTIMEOUTSECS: 'netlinkTimeout',
  USAGEREPORTINGINITIALDELAYSECS: 'usageReportingInitialDelay',
  USAGEREPORTINGINTERVALSECS: 'usageReportingInterval',
  WIREGUARDPERSISTENTKEEPALIVE: 'wireguardKeepAlive',
  EXTERNALNODESCIDRLIST: 'externalNodesList',
  BPFCONNTRACKCLEANUPMODE: 'bpfConntrackMode',
}

const BY_UPPER_CASE: ReadonlyMap<string, string> = new Map([
  ...[...FELIX_TABLE.keys()].map((name) => [name.toUpperCase(), name] as const),
  ...Object.entries(OTHER_NAMES),
])

/** The field that `FELIX_<NAME>` sets; undefined when there is none. Felix takes the names in any case. */
export function fieldOfVariable(variable: string): string | undefined {
  return BY_UPPER_CASE.get(variable.slice('FELIX_'.length).toUpperCase())
}

/** Names of all variables that set a field. */
export const FELIX_VARIABLES: readonly string[] = [...BY_UPPER_CASE.keys()].map((name) => `FELIX_${name}`)
