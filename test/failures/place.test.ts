// Where a failure is to be: at the node or pod that is asked for, and nowhere by a name that nothing has.
import { describe, expect, it } from 'vitest'
import { FAILURES } from '../../src/failures/index.ts'
import { type Lab, plannedInjection } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { DRAWN, labOf } from './clusters.ts'

const LABS = DRAWN.filter(({ seed }) => [1, 3, 4, 7, 11, 14].includes(seed)).map(labOf)
const INJECTABLE = FAILURES.filter(({ notModelled }) => notModelled === undefined)

/** Where an injection says it is, or why it is nowhere. */
function placeOf(lab: Lab, code: string, at?: string): string | InputError {
  try {
    return plannedInjection(lab, code, at === undefined ? {} : { at }).at
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

describe.each(INJECTABLE)('$code at a place', ({ code }) => {
  const lab = LABS.find((one) => typeof placeOf(one, code) === 'string')

  it('is refused where nothing has the name, and told which have', () => {
    const [node = ''] = lab?.cluster?.nodes.map(({ name }) => name) ?? []
    const refused = lab === undefined ? undefined : placeOf(lab, code, `${node}x`)
    expect(String(refused)).toMatch(/expected a node, or NAMESPACE\/POD; .*received "/s)
    expect(String(refused)).toContain(node)
  })

  it('is at the node that is asked for, where it is at one', () => {
    const nodes = lab?.cluster?.nodes.map(({ name }) => name) ?? []
    // The last two are seldom those that come first by themselves.
    const isOf = (place: string, node: string): boolean =>
      place === node || lab?.cluster?.workloadEndpoints.some((pod) => pod.netns === place && pod.node === node) === true
    const wrong = nodes.slice(-2).flatMap((node) => {
      const place = lab === undefined ? '' : placeOf(lab, code, node)
      const isSomewhere = typeof place === 'string' && nodes.some((one) => isOf(place, one))
      return isSomewhere && !isOf(place, node) ? [`${node}: ${place}`] : []
    })
    expect(wrong).toEqual([])
  })
})
