// Lists of pods that are made as far as somebody reads them.
import { describe, expect, it } from 'vitest'
import type { PodResource } from '../../src/control/index.ts'
import { PodLists } from '../../src/control/pod-lists.ts'

function pod(namespace: string | undefined, name: string, app?: string): PodResource {
  const labels = app === undefined ? {} : { labels: { app } }
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...labels }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: {} }
}

const PODS = [
  pod('a', '1', 'x'),
  pod('b', '2', 'x'),
  pod('a', '3', 'y'),
  pod(undefined, '4', 'x'),
  pod('a', '5'),
  pod('a', '6', 'x'),
  pod('b', '7', 'y'),
]

function lists(): { lists: PodLists<{ pod: PodResource }>; looked: () => number } {
  let looked = 0
  const each = function* (): Iterable<{ pod: PodResource }> {
    for (const one of PODS) {
      looked++
      yield { pod: one }
    }
  }
  return { lists: new PodLists(each()), looked: () => looked }
}

const names = (pods: Iterable<{ pod: PodResource }>): string => [...pods].map(({ pod }) => pod.metadata.name).join('')
const first = ([one]: Iterable<{ pod: PodResource }>): string | undefined => one?.pod.metadata.name

describe('lists of pods', () => {
  it.each([
    ['a', '1356'],
    ['b', '27'],
    ['default', '4'],
    ['c', ''],
  ])('of namespace %s has %j', (namespace, wanted) => {
    const { lists: all } = lists()
    expect(names(all.ofNamespace(namespace))).toBe(wanted)
    expect(names(all.ofNamespace(namespace))).toBe(wanted)
  })

  it.each([
    ['a', 'app', 'x', '16'],
    ['a', 'app', 'y', '3'],
    ['b', 'app', 'y', '7'],
    ['a', 'app', 'z', ''],
    ['a', 'constructor', 'x', ''],
    ['c', 'app', 'x', ''],
  ])('in %s with %s = %s has %j', (namespace, label, value, wanted) => {
    const { lists: all } = lists()
    expect(names(all.withLabel(namespace, label, value))).toBe(wanted)
    expect(names(all.withLabel(namespace, label, value))).toBe(wanted)
  })

  it('names the namespaces that have pods', () => {
    expect([...lists().lists.namespaces()]).toEqual(['a', 'b', 'default'])
  })

  it('looks at no more pods than it takes, and at each once', () => {
    const { lists: all, looked } = lists()
    const steps: [string | undefined, number][] = []
    const read = (pods: Iterable<{ pod: PodResource }>): void => void steps.push([first(pods), looked()])
    read(all.ofNamespace('b'))
    read(all.withLabel('a', 'app', 'x'))
    read(all.withLabel('a', 'app', 'y'))
    read(all.ofNamespace('b'))
    read(all.withLabel('c', 'app', 'y'))
    read(all.withLabel('b', 'app', 'y'))
    expect(steps).toEqual([
      ['2', 2],
      ['1', 2],
      ['3', 3],
      ['2', 3],
      [undefined, 7],
      ['7', 7],
    ])
  })

  it('may be read by several at once', () => {
    const { lists: all } = lists()
    const [one, other] = [all.ofNamespace('a'), all.ofNamespace('a')].map((pods) => pods[Symbol.iterator]())
    const read: string[] = []
    for (let i = 0; i < 4; i++) for (const it of [one!, other!]) read.push(it.next().value!.pod.metadata.name)
    expect(read.join('')).toBe('11335566')
    expect([one!.next().done, other!.next().done]).toEqual([true, true])
  })
})
