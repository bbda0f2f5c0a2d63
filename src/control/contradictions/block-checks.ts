import { containsPrefix, familyOf } from '../../wire/index.ts'
import { mapAt, textAt } from '../validation/members.ts'
import { netOf } from '../validation/text-checks.ts'
import { type Contradiction, finding } from './finding.ts'
import { type PlainObjects, sharing } from './objects.ts'
import { plainNodes } from './plain-node.ts'
import { plainPools } from './pool-checks.ts'

/** Blocks, affinities and handles against pools, nodes and each other. */
export function blockChecks(objects: PlainObjects): Contradiction[] {
  return [...poolsOfBlocks(objects), ...nodesOfBlocks(objects), ...affinities(objects), ...handles(objects)]
}

function isGone(spec: { readonly deleted?: unknown }): boolean {
  return spec.deleted === true || spec.deleted === 'true'
}

function poolsOfBlocks(objects: PlainObjects): Contradiction[] {
  const pools = plainPools(objects)
  if (pools.length === 0) return []
  return objects.of('IPAMBlock').flatMap(({ id, spec }) => {
    const net = netOf(textAt(spec, 'cidr'))
    if (net === undefined || isGone(spec)) return []
    const { prefix } = net
    const pool = pools.find(({ cidr }) => familyOf(cidr) === familyOf(prefix) && containsPrefix(cidr, prefix))
    if (pool === undefined) return [finding('block-outside-pools', [id], `${prefix} is in no pool`)]
    if (pool.blockSize === net.length) return []
    return [finding('block-of-other-size', [id, pool.id], `${prefix} in a pool with blocks of /${pool.blockSize}`)]
  })
}

function nodesOfBlocks(objects: PlainObjects): Contradiction[] {
  const names = new Set(plainNodes(objects).map(({ name }) => name))
  if (names.size === 0) return []
  const held = [
    ...objects.of('IPAMBlock').map(({ id, spec }) => ({ id, node: /^host:(.*)$/.exec(textAt(spec, 'affinity'))?.[1] })),
    ...objects
      .of('BlockAffinity')
      .filter(({ spec }) => textAt(spec, 'type') !== 'virtual')
      .map(({ id, spec }) => ({ id, node: textAt(spec, 'node') })),
  ]
  return held
    .filter(({ node }) => node !== undefined && node !== '' && !names.has(node))
    .map(({ id, node }) => finding('block-of-no-node', [id], `there is no node ${node}`))
}

function affinities(objects: PlainObjects): Contradiction[] {
  const confirmed = objects
    .of('BlockAffinity')
    .filter(({ spec }) => textAt(spec, 'state') === 'confirmed' && !isGone(spec))
    .map(({ id, spec }) => ({ id, cidr: textAt(spec, 'cidr'), node: textAt(spec, 'node') }))
  const blocks = new Map(objects.of('IPAMBlock').map((block) => [textAt(block.spec, 'cidr'), block]))
  const twice = sharing(confirmed, ({ cidr }) => cidr).filter(
    ([, those]) => new Set(those.map(({ node }) => node)).size > 1,
  )
  const inTwo = new Set(twice.map(([cidr]) => cidr))
  const others = confirmed.flatMap(({ id, cidr, node }) => {
    const block = blocks.get(cidr)
    if (block === undefined) {
      return blocks.size === 0 ? [] : [finding('affinity-without-block', [id], `there is no block ${cidr}`)]
    }
    const affinity = textAt(block.spec, 'affinity')
    if (affinity === '' || affinity.endsWith(`:${node}`) || inTwo.has(cidr)) return []
    return [finding('block-of-two-nodes', [id, block.id], `${node} has confirmed ${cidr}, which says ${affinity}`)]
  })
  return [
    ...twice.map(([cidr, those]) =>
      finding(
        'block-of-two-nodes',
        those.map(({ id }) => id),
        `${cidr} is confirmed for ${those.length} nodes`,
      ),
    ),
    ...others,
  ]
}

function handles(objects: PlainObjects): Contradiction[] {
  const blocks = new Set(objects.of('IPAMBlock').map(({ spec }) => textAt(spec, 'cidr')))
  if (blocks.size === 0) return []
  return objects.of('IPAMHandle').flatMap(({ id, spec }) =>
    Object.keys(isGone(spec) ? {} : (mapAt(spec, 'block') ?? {}))
      .filter((cidr) => !blocks.has(cidr))
      .map((cidr) => finding('handle-without-block', [id], `it has addresses of ${cidr}, which is no block`)),
  )
}
