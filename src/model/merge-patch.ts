import { isRecord } from './is-record.ts'

/**
 * A value after a JSON merge patch: maps are joined member by member, null takes a member away, all else replaces what was there.
 *
 * @rfc 7396 §2
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}
