// With policies only: what the answer by classes says is what is known of the 252 clusters whose outcomes are known.
import { describe, expect, it } from 'vitest'
import { parseCalicoVersion } from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { Lab } from '../../src/lab/index.ts'
import type { PolicyCase, PolicyProbe } from '../../src/lab/probes/case.ts'
import { completedObjects, releaseOf } from '../../src/lab/probes/completed.ts'
import { flowIn, type Reach, type ReachOutcome, reachOf } from '../../src/reach/index.ts'
import { contains, familyOf, type Ip, type Prefix } from '../../src/wire/index.ts'
import { policyCases } from '../support/policy-cases.ts'

const CASES = policyCases() as unknown as readonly (Omit<PolicyCase, 'probes'> & {
  readonly probes: readonly (PolicyProbe & { readonly expect: string })[]
})[]
const SUITES = [...new Set(CASES.map(({ id }) => id.split('/')[0]!))]

function labOf(one: PolicyCase): Lab {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: completedObjects(one) })
  const calicoVersion = parseCalicoVersion(releaseOf(one.objects))
  return Lab.fromResources(
    loadResources([{ name: one.id, text }]).resources,
    calicoVersion === undefined ? {} : { calicoVersion },
  )
}

/** The member of an end that a word of a probe means. */
function memberOf(lab: Lab, reach: Reach, word: string): string | undefined {
  const cluster = lab.cluster!
  if (word.startsWith('host:')) return `node/${word.slice('host:'.length)}`
  if (word.includes('/')) {
    const pod = cluster.resources.pods.find(
      ({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}` === word,
    )
    return pod?.spec.hostNetwork === true ? `node/${pod.spec.nodeName}` : word
  }
  const pod = cluster.workloadEndpoints.find(({ addresses }) => addresses.includes(word as Ip))
  const node = cluster.nodes.find(({ ipv4, ipv6 }) => [ipv4?.address, ipv6?.address].includes(word as Ip))
  if (pod !== undefined || node !== undefined) return pod?.netns ?? `node/${node!.name}`
  const isIn = (nets: readonly string[]): boolean => nets.some((net) => contains(net as Prefix, word as Ip))
  return reach.ends.find(({ kind, members, except = [] }) => kind === 'outside' && isIn(members) && !isIn(except))
    ?.members[0]
}

/** What is said of a probe; undefined for what the answer is not about: an end and itself, one of its own pods, other source ports. */
function said(lab: Lab, reach: Reach, probe: PolicyProbe): ReachOutcome | undefined {
  const [from, to] = [memberOf(lab, reach, probe.from), memberOf(lab, reach, probe.to)]
  if (from === undefined || to === undefined) return undefined
  const point = probe.icmpType === undefined ? probe.port : probe.icmpType * 256 + (probe.icmpCode ?? 0)
  const address = [probe.from, probe.to].find((word) => !word.includes('/') && !word.startsWith('host:'))
  return flowIn(reach, {
    from,
    to,
    protocol: typeof probe.protocol === 'number' ? probe.protocol : probe.protocol.toLowerCase(),
    ...(point === undefined ? {} : { point }),
    ...(address === undefined ? {} : { family: familyOf(address as Ip) }),
  })
}

describe('by classes, with policies only', () => {
  const seen = { probes: 0 }

  it.each(SUITES)('%s', (suite) => {
    const wrong = CASES.filter(({ id }) => id.startsWith(`${suite}/`)).flatMap((one) => {
      const lab = labOf(one)
      const reach = reachOf(lab, { packets: false })
      return one.probes.flatMap((probe) => {
        // Connections that are there, ports of nodes that lead elsewhere, and ports no client has are other questions.
        const isOther = (probe.state ?? 'new') !== 'new' || probe.via !== undefined || probe.sourcePort !== undefined
        const outcome = isOther ? undefined : said(lab, reach, probe)
        if (outcome === undefined || outcome.verdict === 'partly') return []
        seen.probes += 1
        const verdict = outcome.verdict === 'allowed' ? 'allow' : 'deny'
        return verdict === probe.expect ? [] : [[one.id, probe, outcome]]
      })
    })
    expect(wrong).toEqual([])
  })

  it('is asked about many packets', () => {
    expect(seen.probes).toBeGreaterThan(1500)
  })
}, 600_000)
