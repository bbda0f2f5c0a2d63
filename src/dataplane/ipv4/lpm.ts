/** A prefix with what stands at it. */
export interface LpmNode<T> {
  /** Network address, uint32. */
  readonly network: number
  /** Prefix length. */
  readonly length: number
  /** The last address of the prefix. */
  readonly last: number
  /** What stands there. */
  readonly value: T
  /** The longest shorter prefix that holds this one. */
  parent: LpmNode<T> | null
}

/**
 * Longest prefix match on uint32. The prefixes cut the address space into stretches, each owned by one prefix; a lookup is
 * a binary search for the stretch, and shorter prefixes follow by `parent`. Built on the first lookup after a change.
 */
export class Lpm<T> {
  /** In order of insertion. */
  private readonly nodes: LpmNode<T>[] = []
  /** By prefix length, then by network as int32: a key that is no small integer is an object to V8. */
  private readonly byLength: (Map<number, LpmNode<T>> | undefined)[] = []
  private starts: Uint32Array = new Uint32Array(0)
  private owners: (LpmNode<T> | null)[] = []
  private isBuilt = false

  /** What stands at exactly this prefix, or undefined. The network's host bits must be zero. */
  get(network: number, length: number): T | undefined {
    return this.byLength[length]?.get(network | 0)?.value
  }

  /** Puts something at a prefix that has nothing yet. */
  set(network: number, length: number, value: T): void {
    const node = { network, length, last: network + 2 ** (32 - length) - 1, value, parent: null }
    this.nodes.push(node)
    let known = this.byLength[length]
    if (known === undefined) {
      known = new Map()
      this.byLength[length] = known
    }
    known.set(network | 0, node)
    this.isBuilt = false
  }

  /** Everything in it, in order of insertion. */
  values(): T[] {
    return this.nodes.map((node) => node.value)
  }

  /** The longest prefix that holds an address, or null. */
  find(address: number): LpmNode<T> | null {
    if (!this.isBuilt) this.build()
    const { starts } = this
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((starts[middle] as number) <= address) low = middle
      else high = middle
    }
    return this.owners[low] as LpmNode<T> | null
  }

  private build(): void {
    const sorted = [...this.nodes].sort((a, b) => a.network - b.network || a.length - b.length)
    const starts: number[] = [0]
    const owners: (LpmNode<T> | null)[] = [null]
    const emit = (start: number, owner: LpmNode<T> | null): void => {
      if (starts[starts.length - 1] === start) owners[owners.length - 1] = owner
      else {
        starts.push(start)
        owners.push(owner)
      }
    }
    const open: LpmNode<T>[] = []
    const closeBefore = (network: number): void => {
      for (let top = open.at(-1); top !== undefined && top.last < network; top = open.at(-1)) {
        open.pop()
        if (top.last < 0xffffffff) emit(top.last + 1, open.at(-1) ?? null)
      }
    }
    for (const node of sorted) {
      closeBefore(node.network)
      node.parent = open.at(-1) ?? null
      emit(node.network, node)
      open.push(node)
    }
    closeBefore(0x1_0000_0000)
    this.starts = Uint32Array.from(starts)
    this.owners = owners
    this.isBuilt = true
  }
}
