/** A set that is copied when it is first changed. */
export class NotedSet {
  private readonly before: ReadonlySet<string>
  private own: Set<string> | undefined

  constructor(before: ReadonlySet<string>) {
    this.before = before
  }

  /** As it is now; the very set it was, where nothing was changed. */
  get now(): ReadonlySet<string> {
    return this.own ?? this.before
  }

  has(one: string): boolean {
    return this.now.has(one)
  }

  add(one: string): void {
    if (!this.has(one)) this.copy().add(one)
  }

  delete(one: string): void {
    if (this.has(one)) this.copy().delete(one)
  }

  private copy(): Set<string> {
    this.own ??= new Set(this.before)
    return this.own
  }
}

/** A map that is copied when it is first changed. */
export class NotedMap<V> {
  private readonly before: ReadonlyMap<string, V>
  private own: Map<string, V> | undefined

  constructor(before: ReadonlyMap<string, V>) {
    this.before = before
  }

  /** As it is now; the very map it was, where nothing was changed. */
  get now(): ReadonlyMap<string, V> {
    return this.own ?? this.before
  }

  get(key: string): V | undefined {
    return this.now.get(key)
  }

  set(key: string, value: V): void {
    if (this.get(key) !== value) this.copy().set(key, value)
  }

  delete(key: string): void {
    if (this.now.has(key)) this.copy().delete(key)
  }

  private copy(): Map<string, V> {
    this.own ??= new Map(this.before)
    return this.own
  }
}
