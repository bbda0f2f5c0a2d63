import { keptIn } from '../../model/index.ts'

/** Values kept by the objects they were made of, and no longer than these: who edits one policy finds the rest made. */
export class Kept<T> {
  private readonly branches = new WeakMap<object, Kept<T>>()
  private value: { readonly made: T } | undefined

  /** The value of these objects; made when they first meet. */
  of(keys: readonly object[], make: () => T): T {
    let kept: Kept<T> = this
    for (const key of keys) kept = keptIn(kept.branches, key, () => new Kept<T>())
    kept.value ??= { made: make() }
    return kept.value.made
  }
}
