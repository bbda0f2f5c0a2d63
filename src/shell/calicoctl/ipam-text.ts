import {
  type HeldAddress,
  type IpamCheck,
  type IpamSettings,
  type IpamStore,
  type NextPod,
  type PoolUsage,
  type Resized,
  type Room,
  type Usage,
  utilization,
} from '../../control/index.ts'
import { printable } from '../../model/index.ts'

/** A table with lines around its cells, as calicoctl draws it; columns of numbers stand at the right. */
function boxed(head: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[] = []): string {
  const cells = [head, ...rows].map((row) => row.map(printable))
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`
  const line = (row: readonly string[], isHead: boolean): string => {
    const padded = row.map((cell, i) => {
      const width = widths[i]!
      return !isHead && numbers.includes(i) ? cell.padStart(width) : cell.padEnd(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const [first, ...others] = cells
  const body = others.map((row) => line(row, false))
  return `${[rule, line(first!, true), rule, ...body, ...(body.length > 0 ? [rule] : [])].join('\n')}\n`
}

/** A number as Go prints it with five digits at most. */
function fiveDigits(value: number): string {
  if (value < 100_000) return String(Number(value.toPrecision(5)))
  const [mantissa = '', exponent = ''] = value.toExponential(4).split('e+')
  return `${Number(mantissa)}e+${exponent.padStart(2, '0')}`
}

/** Rounded as Go does: halves to the even neighbour. */
function halfToEven(value: number): number {
  const low = Math.floor(value)
  return value - low === 0.5 ? low + (low % 2) : Math.round(value)
}

function usageRow(kind: string, cidr: string, { capacity, inUse, reserved, available }: Usage): string[] {
  const share = (count: number): string => `${fiveDigits(count)} (${halfToEven((100 * count) / capacity)}%)`
  return [kind, cidr, fiveDigits(capacity), share(inUse), share(reserved), share(available)]
}

function usageRows(pool: PoolUsage, withBlocks: boolean): string[][] {
  const blocks = withBlocks ? pool.blocks.map((block) => usageRow('Block', block.cidr, block)) : []
  return pool.cidr === '0.0.0.0/0' ? blocks : [usageRow('IP Pool', pool.cidr, pool), ...blocks]
}

/** How full pools are, as `calicoctl ipam show` prints it. */
export function usageText(store: IpamStore, withBlocks: boolean): string {
  const rows = utilization(store).flatMap((pool) => usageRows(pool, withBlocks))
  return boxed(['GROUPING', 'CIDR', 'IPS TOTAL', 'IPS IN USE', 'IPS RESERVED', 'IPS FREE'], rows, [2, 3, 4, 5])
}

/** Who an address was given to, for what. */
function holderCells({ attributes = {}, use }: HeldAddress): [type: string, holder: string] {
  const { pod, namespace = '', type } = attributes
  if (pod !== undefined) return ['pod', `${namespace}/${pod}`]
  return [type ?? (use === 'Tunnel' ? 'tunnel' : ''), '']
}

/** Addresses that lie in blocks of other nodes, as `calicoctl ipam show --show-borrowed` prints them. */
export function borrowedText(store: IpamStore, held: readonly HeldAddress[]): string {
  const rows = held.flatMap((address) => {
    const affinity = store.blocks.get(address.block)?.affinity ?? ''
    const owner = affinity.slice(affinity.indexOf(':') + 1)
    if (address.node === undefined || address.node === owner) return []
    return [[address.address, address.node, address.block, owner, ...holderCells(address)]]
  })
  const unknown = held.filter(({ node }) => node === undefined).length
  const table = boxed(['IP', 'BORROWING-NODE', 'BLOCK', 'BLOCK OWNER', 'TYPE', 'ALLOCATED-TO'], rows)
  if (unknown === 0) return table
  return `${table}\nNote: found ${unknown} IP allocations without an explicit node association. Unable to determine if they are borrowed.\n`
}

/** IPAM's settings, as `calicoctl ipam show --show-configuration` prints them. */
export function settingsText({ strictAffinity, autoAllocateBlocks, maxBlocksPerHost, cooldown }: IpamSettings): string {
  return boxed(
    ['PROPERTY', 'VALUE'],
    [
      ['StrictAffinity', String(strictAffinity)],
      ['AutoAllocateBlocks', String(autoAllocateBlocks)],
      ['MaxBlocksPerHost', String(maxBlocksPerHost)],
      ['IPCooldownSeconds', String(cooldown)],
    ],
  )
}

/** Who has one address, as `calicoctl ipam show --ip=…` tells it. */
export function addressText(address: string, held: HeldAddress | undefined): string {
  if (held === undefined) return `${address} is not assigned\n`
  const beside = Object.entries({ ...(held.node === undefined ? {} : { node: held.node }), ...held.attributes })
  const lines = beside.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `  ${name}: ${value}`)
  const active = lines.length === 0 ? ['No Active Owner attributes defined'] : ['Active Owner Attributes:', ...lines]
  const all = [`IP ${address} is in use`, `Handle ID: ${held.handle ?? '<none>'}`, ...active]
  return `${all.map(printable).join('\n')}\n`
}

/** What is wrong, a line each, and what was looked at. */
export function checkText({ blocks, allocations, inUse, problems }: IpamCheck): string {
  const lines = problems.map(({ kind, at, what, remedy }) => printable(`${kind}: ${at}: ${what}; remedy: ${remedy}`))
  const looked = `${blocks} blocks, ${allocations} addresses allocated, ${inUse} in use`
  const sum = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return `${[...lines, `${looked}: ${sum}`].join('\n')}\n`
}

const BY: Readonly<Record<NonNullable<NextPod['by']>, string>> = {
  'own-block': 'of its own block',
  'new-block': 'of a new block',
  borrowed: 'borrowed from another node: of block',
}

/** Where the next pod goes. */
export function nextText({ node, address, block, by, error, messages }: NextPod): string {
  if (address !== undefined && by !== undefined) return `the next pod of ${node} gets ${address}, ${BY[by]} ${block}\n`
  const why = [error?.message, ...messages].filter((text) => text !== undefined).join('; ')
  return `the next pod of ${node} gets no address: ${printable(why)}\n`
}

/** How many pods fit; a count that was given up is at least that. */
export function roomText({ together, alone, why }: Room, most: number): string {
  const count = (pods: number): string => (pods >= most ? `${most} and more` : String(pods))
  const reason = why === undefined ? '' : ` (then: ${printable(why)})`
  const lines = [...alone].map(([node, pods]) => `  ${printable(node)} alone: ${count(pods)}`)
  return `${[`more pods that fit: ${count(together)}${reason}`, ...lines].join('\n')}\n`
}

/** What another block size would change. */
export function resizedText(pool: string, now: Resized, then: Resized): string {
  const row = ({ blockSize, blocks, bound, borrowed, without }: Resized): string[] =>
    [`/${blockSize}`, blocks, bound, borrowed, without].map(String)
  const head = ['BLOCK SIZE', 'BLOCKS', 'BOUND AND FREE', 'BORROWED', 'WITHOUT ADDRESS']
  return `${printable(pool)}, the addresses in use placed anew, node by node:\n${boxed(head, [row(now), row(then)], [0, 1, 2, 3, 4])}`
}
