// A book costs little until somebody asks: counted in labels that were looked at.
import { describe, expect, it } from 'vitest'
import { Findings } from '../../../src/control/findings.ts'
import { policyBook, type WorkloadEndpoint } from '../../../src/control/index.ts'
import { EndpointSlices } from '../../../src/control/services/endpoint-slices.ts'
import { clusterOf, gnp, knp, namespace, np, pod } from './objects.ts'

/** Pods that count who looks at their labels. */
function counted(endpoints: readonly WorkloadEndpoint[]): { endpoints: WorkloadEndpoint[]; looked: () => number } {
  const seen = new Set<string>()
  const watched = endpoints.map((endpoint): WorkloadEndpoint => {
    const { pod } = endpoint
    const metadata = {
      ...pod.metadata,
      get labels() {
        seen.add(endpoint.netns)
        return pod.metadata.labels ?? {}
      },
    }
    return { ...endpoint, pod: { ...pod, metadata } }
  })
  const looked = (): number => {
    const count = seen.size
    seen.clear()
    return count
  }
  return { endpoints: watched, looked }
}

const SPACES = 40
const PODS = 20

const large = clusterOf([
  ...Array.from({ length: SPACES }, (_, i) => namespace(`s${i}`, { team: `t${i % 4}` })),
  ...Array.from({ length: SPACES * PODS }, (_, i) =>
    pod(`s${i % SPACES}/p${i}`, { app: `a${i % 10}` }, `10.65.${10 + (i >> 8)}.${i & 255}`, i % 2 === 0 ? 'n1' : 'n2'),
  ),
  ...Array.from({ length: SPACES }, (_, i) =>
    knp(`s${i}/k`, { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'a1' } } }] }] }),
  ),
  gnp('g', {
    namespaceSelector: "team == 't1'",
    ingress: [{ action: 'Allow', source: { namespaceSelector: "team == 't2'" } }],
  }),
  np('s3/own', { selector: "app == 'a3'", order: 1 }),
])

function bookOf(endpoints: readonly WorkloadEndpoint[]): ReturnType<typeof policyBook> {
  const { resources, nodes, settings } = large
  const slices = EndpointSlices.of(resources, large.ipam.pods, nodes)
  const inputs = { resources, nodes, workloadEndpoints: endpoints, slices, tunnelsOf: () => ({}), settings }
  return policyBook(inputs, new Findings())
}

describe('a book of policies', () => {
  it('looks at one pod a policy to know that it selects something, and at none again when another book is made', () => {
    const { endpoints, looked } = counted(large.workloadEndpoints)
    bookOf(endpoints)
    expect(looked()).toBeLessThanOrEqual(SPACES + 2 + 10)
    bookOf(endpoints)
    expect(looked()).toBe(0)
  })

  it('asked for a node looks at the pods of that node', () => {
    const { endpoints, looked } = counted(large.workloadEndpoints)
    const book = bookOf(endpoints)
    looked()
    const { workloads } = book.of('n2')
    expect(looked()).toBeLessThanOrEqual(workloads.length)
    expect(book.of('n2')).toBe(book.of('n2'))
    expect(book.of('nowhere')).toEqual({ workloads: [], hosts: [] })
  })

  it('asked for a set of one namespace looks at its pods, and for a set of namespaces at no labels of pods', () => {
    const { endpoints, looked } = counted(large.workloadEndpoints)
    const book = bookOf(endpoints)
    const [own] = book.policies.filter(({ ref }) => ref.namespace === 's5')
    const [id] = own!.ingress[0]!.source.sets
    looked()
    expect(book.set(id!, 4).members).toEqual(
      large.workloadEndpoints
        .filter((one) => one.namespace === 's5' && one.pod.metadata.labels?.['app'] === 'a1')
        .map((one) => one.addresses[0]),
    )
    expect(looked()).toBe(PODS)
    const all = book.policies.find(({ ref }) => ref.name === 'g')!.ingress[0]!.source.sets
    expect(book.set(all[0]!, 4).members).toHaveLength((SPACES / 4) * PODS)
    book.set(id!, 4).members.at(0)
    // Whether pods have labels of their own that are called like those of namespaces is asked once.
    expect(looked()).toBe(large.workloadEndpoints.length)
    book.set(all[0]!, 4).members.at(0)
    expect(looked()).toBe(0)
  })

  it('gives the same policies and sets again where nothing but other policies changed', () => {
    const { resources, nodes, settings, workloadEndpoints, ipam } = large
    const slices = EndpointSlices.of(resources, ipam.pods, nodes)
    const inputs = { nodes, workloadEndpoints, slices, tunnelsOf: () => ({}), settings }
    const first = policyBook({ ...inputs, resources }, new Findings())
    const rest = resources.policies.slice(1)
    const second = policyBook({ ...inputs, resources: { ...resources, policies: rest } }, new Findings())
    const of = (book: typeof first) => book.policies.find(({ ref }) => ref.name === 'g')!
    expect(of(second)).toBe(of(first))
    const [id] = of(first).ingress[0]!.source.sets
    expect(second.set(id!, 4)).toBe(first.set(id!, 4))
    expect(second.policies).toHaveLength(first.policies.length - 1)
  })
})
