import { buildCluster, type CalicoVersion, type Cluster, type Severity } from '../control/index.ts'
import type { LoadedResources } from '../input/index.ts'
import { checkArgument, checkNetwork, checkOptions, isRecord, type Network } from '../model/index.ts'
import { bgpChecks } from './checks/bgp.ts'
import { controlChecks } from './checks/control.ts'
import { dnsChecks } from './checks/dns.ts'
import { encapsulationChecks } from './checks/encapsulation.ts'
import { hostChecks } from './checks/hosts.ts'
import { machineChecks } from './checks/machines.ts'
import { nodeChecks } from './checks/nodes.ts'
import { policyChecks } from './checks/policies.ts'
import { poolChecks } from './checks/pools.ts'
import { rangeChecks } from './checks/ranges.ts'
import { ruleChecks } from './checks/rules.ts'
import { serviceChecks } from './checks/services.ts'
import { underlayChecks } from './checks/underlay.ts'
import { type LintFacts, lintFacts } from './facts.ts'
import type { LintFinding } from './finding.ts'
import type { LintName } from './names.ts'
import { type SuppressedFinding, suppress } from './suppress.ts'

/** What a lint may be told besides the objects. */
export interface LintOptions {
  /** Release; absent = what the objects say. */
  readonly calicoVersion?: CalicoVersion
  /** The cluster of these objects, where it is built already. */
  readonly cluster?: Cluster
  /** The network of real machines, where there are dumps of them: namespaces of nodes are called as the nodes are. */
  readonly machines?: Network
}

/** What is to be known of a cluster. */
export interface LintReport {
  /** Findings, errors first, by name and by object. */
  readonly findings: readonly LintFinding[]
  /** Those that objects ask not to be told of. */
  readonly suppressed: readonly SuppressedFinding[]
}

const CHECKS: readonly ((facts: LintFacts) => LintFinding[])[] = [
  controlChecks,
  poolChecks,
  rangeChecks,
  nodeChecks,
  encapsulationChecks,
  underlayChecks,
  bgpChecks,
  serviceChecks,
  policyChecks,
  ruleChecks,
  dnsChecks,
  hostChecks,
  machineChecks,
]

const WEIGHT: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

/**
 * Findings about the objects of a cluster, each by its stable name: what is wrong, where it stands, why it hurts and how it is mended. It sends no
 * packet.
 */
export function lint(loaded: LoadedResources, options: LintOptions = {}): LintReport {
  const resources: unknown = isRecord(loaded) ? loaded.resources : undefined
  const isLoaded = isRecord(resources) && Array.isArray(resources['nodes']) && Array.isArray(loaded.warnings)
  checkArgument(isLoaded, 'loaded', 'loaded objects, such as loadResources() gives', loaded)
  checkOptions(options)
  const { calicoVersion, cluster: built, machines } = options
  const isCluster = built === undefined || (isRecord(built) && isRecord(built.resources) && isRecord(built.network))
  checkArgument(isCluster, 'options.cluster', 'a cluster, such as lab.cluster', built)
  if (machines !== undefined) checkNetwork(machines, 'options.machines')
  const how = calicoVersion === undefined ? {} : { calicoVersion }
  const cluster = built ?? buildCluster(loaded.resources, how)
  const facts = lintFacts(loaded, cluster, machines)
  const found = withoutShadows(CHECKS.flatMap((check) => check(facts)))
  const { findings, suppressed } = suppress(found, cluster.resources)
  return { findings: inOrder(findings), suppressed: inOrder(suppressed) }
}

/** What says less of an object than another finding does, by names: the first hides the second. */
const SHADOWS: readonly (readonly [LintName, LintName])[] = [
  ['cidr-not-canonical', 'object-refused'],
  ['pools-overlap', 'object-refused'],
  ['nodes-share-name', 'object-twice'],
  ['pod-has-address-of-node', 'pod-outside-pools'],
  ['strict-affinity-starves', 'pool-nearly-full'],
]

function withoutShadows(all: readonly LintFinding[]): LintFinding[] {
  const named = new Set(all.flatMap(({ name, objects }) => objects.map((object) => `${name} ${object}`)))
  return all.filter(
    ({ name, objects }) =>
      !SHADOWS.some(([above, below]) => below === name && objects.some((object) => named.has(`${above} ${object}`))),
  )
}

function inOrder<F extends LintFinding>(findings: readonly F[]): F[] {
  const by = (a: F, b: F): number =>
    WEIGHT[a.severity] - WEIGHT[b.severity] ||
    compared(a.name, b.name) ||
    compared(a.objects[0] ?? '', b.objects[0] ?? '')
  return [...findings].sort(by)
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
