import { type Meanings, means } from './meaning.ts'

const CHAINS = 'chains cali-pi- and cali-po- of the policy, and sets of its selectors'

const POLICY: Meanings = {
  tier: means('the tier in which the policy is evaluated', 'order of jumps in chains of endpoints', 'default'),
  order: means('place in the tier, low ones first; none is last', 'order of jumps in chains of endpoints'),
  selector: means('endpoints that the policy is for', 'which endpoints jump into its chains', 'all'),
  types: means('directions that the policy is for', CHAINS, 'Ingress, and Egress when there are rules of egress'),
  ingress: means('rules for what comes to the endpoints; the first that matches decides', CHAINS),
  egress: means('rules for what the endpoints send', CHAINS),
  serviceAccountSelector: means('service accounts of the endpoints', 'which endpoints jump into its chains'),
  performanceHints: means('nodes prepare the policy even where it selects nobody'),
}

const GLOBAL: Meanings = {
  ...POLICY,
  namespaceSelector: means('namespaces of the endpoints', 'which endpoints jump into its chains'),
  preDNAT: means('the policy decides before addresses of Services are translated', 'chains in mangle', 'false'),
  doNotTrack: means('the policy decides before connection tracking, which it turns off', 'chains in raw', 'false'),
  applyOnForward: means('the policy is for what host endpoints forward, too', 'chains cali-fhfw-, cali-thfw-', 'false'),
}

const STAGED: Meanings = {
  stagedAction: means('what the policy would do if it were in force', undefined, 'Set'),
}

/** Fields of policies, endpoints and the rest. */
export const OTHER_MEANINGS: Readonly<Record<string, Meanings>> = {
  NetworkPolicy: POLICY,
  GlobalNetworkPolicy: GLOBAL,
  StagedNetworkPolicy: { ...POLICY, ...STAGED },
  StagedGlobalNetworkPolicy: { ...GLOBAL, ...STAGED },
  Tier: {
    order: means('place among the tiers, low ones first', 'order of policies in chains of endpoints', '1000000'),
    defaultAction: means(
      'what happens to traffic that policies of the tier select and none decides',
      'end of the tier in chains of endpoints',
      'Deny',
    ),
  },
  NetworkSet: { nets: means('addresses that rules find by the labels of the set', 'sets of selectors') },
  GlobalNetworkSet: { nets: means('addresses that rules find by the labels of the set', 'sets of selectors') },
  Profile: {
    ingress: means('rules for what comes in, after all tiers', 'chains cali-pri-'),
    egress: means('rules for what goes out, after all tiers', 'chains cali-pro-'),
    labelsToApply: means('labels that endpoints with the profile inherit', 'sets of selectors'),
  },
  HostEndpoint: {
    node: means('the node whose interface it is', 'chains cali-fh- and cali-th- of that node'),
    interfaceName: means('the interface; * is all of the node', 'jumps by interface in cali-from-host-endpoint'),
    expectedIPs: means('addresses by which the interface is found, and rules find the endpoint', 'sets of selectors'),
    profiles: means('profiles after all tiers; none denies', 'end of chains of the endpoint'),
    ports: means('names for ports', 'sets of named ports'),
  },
  KubeControllersConfiguration: {
    controllers: means('which controllers run: of nodes (garbage, host endpoints), of load balancers and others'),
    prometheusMetricsPort: means('port of metrics', undefined, '9094'),
  },
}
