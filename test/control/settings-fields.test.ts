// Names Calico knows: those that are read raise nothing, whichever way they are given; a slip of the pen is told the right one.
import { describe, expect, it } from 'vitest'
import { buildCluster } from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { describeIssue, describeNote } from '../../src/model/index.ts'

const NODE =
  'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 10.7.0.21}]}'

function all(...texts: string[]): string[] {
  const { resources } = loadResources([{ name: 'c.yaml', text: [...texts, NODE].join('\n---\n') }])
  const { faults, warnings, notes } = buildCluster(resources).findings
  return [...faults.map(describeIssue), ...warnings.map(describeIssue), ...notes.map(describeNote)]
}

/** What is said of a text; what is said of a cluster without it as well is not of it. */
const findings = (text: string): string[] => all(text).filter((one) => !all().includes(one))

const felix = (field: string, value: string) =>
  findings(
    `apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {${field}: ${value}}`,
  )
const bgp = (field: string, value: string) =>
  findings(
    `apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {${field}: ${value}}`,
  )
/** calico.yaml, with one variable more. */
function manifest(name: string, value: string): string {
  const given: Readonly<Record<string, string>> = {
    // calico-node does not take both.
    ...(/^CALICO_IPV[46]POOL_CIDR$/.test(name) ? {} : { NO_DEFAULT_POOLS: 'true' }),
    FELIX_DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT',
    [name]: value,
  }
  const env = Object.entries(given).map(([key, text]) => `        - {name: ${key}, value: "${text}"}`)
  const head =
    'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node}\nspec:\n  template:\n    spec:\n      containers:\n      - name: calico-node\n        env:'
  return [head, ...env].join('\n')
}
const variable = (name: string, value: string) => findings(manifest(name, value))

const FELIX = [
  ['ipipEnabled', 'true'],
  ['ipipMTU', '1400'],
  ['vxlanEnabled', 'true'],
  ['vxlanMTU', '1400'],
  ['vxlanMTUV6', '1400'],
  ['vxlanPort', '4790'],
  ['vxlanVNI', '4097'],
  ['wireguardEnabled', 'false'],
  ['wireguardEnabledV6', 'false'],
  ['wireguardMTU', '1400'],
  ['wireguardMTUV6', '1400'],
  ['wireguardListeningPort', '51000'],
  ['wireguardListeningPortV6', '51001'],
  ['wireguardRoutingRulePriority', '98'],
  ['wireguardHostEncryptionEnabled', 'false'],
  ['deviceRouteProtocol', '80'],
  ['deviceRouteSourceAddress', '10.7.0.21'],
  ['natOutgoingAddress', '10.7.0.21'],
  ['mtuIfacePattern', '^eth'],
  ['ipv6Support', 'true'],
  ['ipForwarding', 'Enabled'],
  ['programClusterRoutes', 'Disabled'],
  ['defaultEndpointToHostAction', 'Accept'],
] as const

describe('FelixConfiguration', () => {
  it.each([...FELIX, ['natOutgoingExclusions', 'IPPoolsOnly']] as const)('%s is read', (field, value) => {
    expect(felix(field, value)).toEqual([])
  })
  it.each(FELIX)('FELIX_ and %s in capitals is the same', (field, value) => {
    expect(variable(`FELIX_${field.toUpperCase()}`, value)).toEqual([])
  })
  it.each([
    ['FELIX_IPFORWARDING', 'disabled', { ipForwarding: false }],
    ['FELIX_PROGRAMCLUSTERROUTES', 'ENABLED', { ownsIpip: true, ownsNoEncap: true }],
    ['FELIX_PROGRAMCLUSTERROUTES', 'enabledipiponly', { ownsIpip: true, ownsNoEncap: false }],
    ['FELIX_NATOUTGOINGEXCLUSIONS', 'ippoolsandhostips', { rules: { natOutgoingExclusions: 'IPPoolsAndHostIPs' } }],
    ['FELIX_CHAININSERTMODE', 'append', { rules: { insertMode: 'append' } }],
    ['FELIX_SERVICELOOPPREVENTION', 'REJECT', { rules: { serviceLoop: 'Reject' } }],
  ])('%s takes its words in any case: %s', (name, value, want) => {
    const { resources } = loadResources([{ name: 'c.yaml', text: `${manifest(name, value)}\n---\n${NODE}` }])
    expect(buildCluster(resources).settings.felixOf('n1')).toMatchObject(want)
  })
  it.each(FELIX)('%s with a letter too many is told', (field, value) => {
    expect(felix(`${field}x`, value).join('\n')).toContain(field)
  })
})

describe('BGPConfiguration', () => {
  it.each([
    ['asNumber', '64999'],
    ['nodeToNodeMeshEnabled', 'true'],
    ['listenPort', '179'],
    ['logSeverityScreen', 'Info'],
    ['serviceLoadBalancerAggregation', 'Disabled'],
  ])('%s raises nothing', (field, value) => expect(bgp(field, value)).toEqual([]))

  it.each(['serviceClusterIPs', 'serviceExternalIPs', 'serviceLoadBalancerIPs'])(
    '%s is heard by nobody where no peer is told of it, and says so',
    (field) => {
      const said = bgp(field, '[{cidr: 10.96.0.0/12}]')
      expect(said).toHaveLength(1)
      expect(said[0]).toContain(`${field} are announced to BGP peers that are no nodes, and the input has none`)
    },
  )

  it.each([
    ['communities', '[{name: a, value: "1:2"}]'],
    ['prefixAdvertisements', '[{cidr: 10.1.0.0/16, communities: [a]}]'],
    ['bindMode', 'NodeIP'],
    ['ignoredInterfaces', '[eth9]'],
    ['localWorkloadPeeringIPV4', '169.254.1.2'],
    ['localWorkloadPeeringIPV6', '"fe80::2"'],
  ])('%s is not modelled, and says so', (field, value) => {
    expect(bgp(field, value).join('\n')).toMatch(new RegExp(`${field} .* is not modelled`))
  })
})

/** Code and effect of each note about BGP, with its object. */
function bgpNotes(text: string): string[] {
  const { resources } = loadResources([{ name: 'c.yaml', text }])
  const { notes } = buildCluster(resources).findings
  return notes.filter(({ topic }) => topic === 'bgp').map(({ code, effect, object }) => `${code} ${effect} ${object}`)
}

describe('communities', () => {
  const NO_EXPORT = '65535:65281'
  it.each<[string, string, boolean]>([
    [
      'a mark',
      'communities: [{name: a, value: "64512:7"}], prefixAdvertisements: [{cidr: 10.1.0.0/16, communities: [a]}]',
      false,
    ],
    ['a mark without a name', 'prefixAdvertisements: [{cidr: 10.1.0.0/16, communities: ["64512:7:9"]}]', false],
    ['no-export', `prefixAdvertisements: [{cidr: 10.1.0.0/16, communities: ["64512:7", "${NO_EXPORT}"]}]`, true],
    ['no-advertise', 'prefixAdvertisements: [{cidr: 10.1.0.0/16, communities: ["65535:65282"]}]', true],
    [
      'no-export by a name',
      `communities: [{name: a, value: "${NO_EXPORT}"}], prefixAdvertisements: [{cidr: 10.1.0.0/16, communities: [a]}]`,
      true,
    ],
    ['a name nobody announces with', `communities: [{name: a, value: "${NO_EXPORT}"}]`, false],
  ])('%s', (_name, spec, isOpen) => {
    const text = `apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {${spec}}\n`
    expect(bgpNotes(text).filter((one) => one.includes(' undecided '))).toEqual(
      isOpen ? ['bgp_field undecided BGPConfiguration/default'] : [],
    )
  })
})

describe('filters of BGP', () => {
  const filter =
    'apiVersion: projectcalico.org/v3\nkind: BGPFilter\nmetadata: {name: f}\nspec: {exportV4: [{action: Reject}]}\n'
  const peer = (filters: string): string =>
    `---\napiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: p}\nspec: {nodeSelector: all(), peerSelector: all()${filters}}\n`

  it.each<[string, string, string[]]>([
    ['that no peer names filter nothing', filter + peer(''), ['bgp_filter harmless BGPFilter/f']],
    ['of the mesh alone filter nothing', filter, ['bgp_filter harmless BGPFilter/f']],
    ['that a peer names are honoured', filter + peer(', filters: [f]'), []],
    ['that are not in the input are open', peer(', filters: [g]').slice(4), ['bgp_filter undecided BGPPeer/p']],
  ])('%s', (_name, text, notes) => expect(bgpNotes(text)).toEqual(notes))
})

describe('variables of calico-node', () => {
  it.each([
    ['AS', '64999'],
    ['IP', 'autodetect'],
    ['IP6', 'none'],
    ['IP_AUTODETECTION_METHOD', 'first-found'],
    ['IP6_AUTODETECTION_METHOD', 'first-found'],
    ['CALICO_NETWORKING_BACKEND', 'bird'],
    ['CALICO_IPV4POOL_CIDR', '10.1.0.0/16'],
    ['CALICO_IPV4POOL_IPIP', 'Never'],
    ['CALICO_IPV4POOL_VXLAN', 'Never'],
    ['CALICO_IPV4POOL_BLOCK_SIZE', '26'],
    ['CALICO_IPV4POOL_NAT_OUTGOING', 'true'],
    ['CALICO_IPV4POOL_NODE_SELECTOR', 'all()'],
    ['CALICO_IPV4POOL_DISABLE_BGP_EXPORT', 'false'],
    ['CALICO_IPV6POOL_CIDR', 'fd01::/64'],
    ['CALICO_IPV6POOL_VXLAN', 'Never'],
    ['CALICO_IPV6POOL_BLOCK_SIZE', '122'],
    ['CALICO_IPV6POOL_NAT_OUTGOING', 'false'],
    ['CALICO_IPV6POOL_NODE_SELECTOR', 'all()'],
    ['CALICO_IPV6POOL_DISABLE_BGP_EXPORT', 'false'],
    ['FELIX_INTERFACEPREFIX', 'cali'],
    ['CALICO_DISABLE_FILE_LOGGING', 'true'],
    ['DATASTORE_TYPE', 'kubernetes'],
    ['WAIT_FOR_DATASTORE', 'true'],
    ['NODENAME', 'n1'],
    ['CLUSTER_TYPE', 'k8s,bgp'],
    ['CALICO_DISABLE_FELIX', 'false'],
  ])('%s raises nothing', (name, value) => expect(variable(name, value)).toEqual([]))

  it.each(['CALICO_IPV4POOL_CIDRS', 'CALICO_IPV6POOL_NAT_OUTGOIN', 'FELIX_IPIPMTUS'])('%s is told', (name) => {
    expect(variable(name, '1').join('\n')).toContain(name)
  })
})
