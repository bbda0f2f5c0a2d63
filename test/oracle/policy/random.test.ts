// Two judges of the same clusters: packets that walk the rules of the nodes, and the oracle that reads the objects; and what must
// hold of the packets whatever the policies are. PACKETWALK_POLICY_CLUSTERS: how many clusters; FC_SEED: which ones.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PolicyCase, type PolicyProbe, type PolicyVerdict, policyVerdicts } from '../../../src/lab/index.ts'
import { PolicyProbes } from '../../../src/lab/probes/probe.ts'
import { anyPolicy, type RandomPolicyCluster, randomCluster } from './clusters.ts'
import { PolicyOracle } from './judge.ts'
import type { RawObject, RawProbe } from './objects.ts'

const CLUSTERS = Number(process.env['PACKETWALK_POLICY_CLUSTERS'] ?? 60)
/** The laws are asked of fewer clusters: each asks twice. */
const LAWS = Math.ceil(CLUSTERS / 4)
const HOUR = 3_600_000
const runs = (numRuns: number) => ({ seed: Number(process.env['FC_SEED'] ?? 20201013), numRuns })

const caseOf = ({ objects, probes }: RandomPolicyCluster): PolicyCase =>
  ({ id: 'random', objects, probes }) as unknown as PolicyCase

/** Verdicts of packets, in the order of the probes. */
function walked(cluster: RandomPolicyCluster): readonly PolicyVerdict[] {
  const verdicts = policyVerdicts(caseOf(cluster))
  if ('error' in verdicts) throw new Error(verdicts.error)
  return verdicts
}

const isPolicy = ({ kind }: RawObject): boolean => kind.endsWith('NetworkPolicy')
/** Probes no end of which is in a namespace, and which are of no node. */
const awayFrom = (space: string, probes: readonly RawProbe[]): RawProbe[] =>
  probes.filter(({ from, to }) => ![from, to].some((end) => end.startsWith(`${space}/`)))

describe('packets through rules', () => {
  it(`say what the objects say, in ${CLUSTERS} random clusters`, { timeout: HOUR }, () => {
    fc.assert(
      fc.property(randomCluster(), (cluster) => {
        const oracle = new PolicyOracle(cluster.objects)
        expect(walked(cluster)).toEqual(cluster.probes.map((probe) => oracle.judge(probe)))
      }),
      runs(CLUSTERS),
    )
  })

  it('are not touched by a policy that selects nothing', { timeout: HOUR }, () => {
    fc.assert(
      fc.property(randomCluster(), anyPolicy, (cluster, make) => {
        const one = make('of-nobody')
        const nobody = { matchLabels: { nobody: 'has-this' } }
        const { podSelector: _, ...spec } = one.spec
        const isKubernetes = one.apiVersion.startsWith('networking.k8s.io')
        const idle = {
          ...one,
          spec: {
            ...spec,
            ...(one.kind === 'ClusterNetworkPolicy'
              ? { subject: { namespaces: nobody } }
              : isKubernetes
                ? { podSelector: nobody }
                : { selector: 'has(nobody)' }),
          },
        }
        expect(walked({ ...cluster, objects: [...cluster.objects, idle] })).toEqual(walked(cluster))
      }),
      runs(LAWS),
    )
  })

  it('are denied no more often when a policy begins with an Allow', { timeout: HOUR }, () => {
    const rule = fc.record({ action: fc.constant('Allow'), protocol: fc.constantFrom('TCP', 'UDP', 'ICMP') })
    fc.assert(
      fc.property(randomCluster(), fc.nat(), fc.constantFrom('ingress', 'egress'), rule, (cluster, at, way, allow) => {
        const type = way === 'ingress' ? 'Ingress' : 'Egress'
        // What is not tracked is asked again at the pod; what changes the types of a policy is another policy.
        const fit = cluster.objects.filter(
          ({ kind, apiVersion, spec }) =>
            (kind === 'NetworkPolicy' || kind === 'GlobalNetworkPolicy') &&
            apiVersion === 'projectcalico.org/v3' &&
            spec.doNotTrack !== true &&
            (spec.types as string[] | undefined)?.includes(type) === true,
        )
        fc.pre(fit.length > 0)
        const chosen = fit[at % fit.length]!
        const more = { ...chosen, spec: { ...chosen.spec, [way]: [allow, ...(chosen.spec[way] ?? [])] } }
        const after = walked({ ...cluster, objects: cluster.objects.map((one) => (one === chosen ? more : one)) })
        const before = walked(cluster)
        expect(before.filter((verdict, i) => verdict === 'allow' && after[i] === 'deny')).toEqual([])
      }),
      runs(LAWS),
    )
  })

  it('meet no policy of a namespace that no end of theirs is in', { timeout: HOUR }, () => {
    fc.assert(
      fc.property(randomCluster(), (cluster) => {
        const probes = awayFrom('one', cluster.probes)
        const others = cluster.objects.filter((one) => !isPolicy(one) || one.metadata.namespace !== 'one')
        expect(walked({ objects: others, probes })).toEqual(walked({ ...cluster, probes }))
      }),
      runs(LAWS),
    )
  })

  it('find their way between endpoints without policy as if there were none', { timeout: HOUR }, () => {
    fc.assert(
      fc.property(randomCluster({ hosts: false }), (cluster) => {
        const probes = awayFrom('one', cluster.probes)
        const objects = cluster.objects.filter((one) => !isPolicy(one) || one.metadata.namespace === 'one')
        const bare = objects.filter((one) => !isPolicy(one))
        expect(walked({ objects, probes })).toEqual(walked({ objects: bare, probes }))
      }),
      runs(LAWS),
    )
  })

  it('do not know the order of the objects', { timeout: HOUR }, () => {
    const shuffled = randomCluster().chain((cluster) =>
      fc
        .shuffledSubarray([...cluster.objects], { minLength: cluster.objects.length })
        .map((objects) => [cluster, { ...cluster, objects }] as const),
    )
    fc.assert(
      fc.property(shuffled, ([cluster, mixed]) => {
        expect(walked(mixed)).toEqual(walked(cluster))
      }),
      runs(LAWS),
    )
  })

  it('are answered when they were let in', { timeout: HOUR }, () => {
    /** What answers a packet nobody listens for: a reset, an error, a reply. */
    const ANSWERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 1, ICMP: 1 }
    const isUntracked = ({ spec }: RawObject): boolean => spec?.doNotTrack === true
    fc.assert(
      fc.property(randomCluster(), (cluster) => {
        const tracked = { ...cluster, objects: cluster.objects.filter((one) => !isUntracked(one)) }
        const probes = new PolicyProbes(caseOf(tracked))
        const asked = cluster.probes.filter(
          ({ protocol, state, icmpType }) =>
            protocol in ANSWERS && state === undefined && (icmpType === undefined || icmpType === 8),
        ) as PolicyProbe[]
        const unheard = asked.filter(
          (probe) => probes.send(probe) === 'allow' && !probes.isAnswered(probe, ANSWERS[probe.protocol]!),
        )
        expect(unheard).toEqual([])
      }),
      runs(LAWS),
    )
  })
})
