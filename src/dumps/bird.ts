import type { Sources } from './sources.ts'

/**
 * BGP sessions of `birdc show protocols` that are not up, a sentence each. What BIRD would have brought is not in the kernel's table, which is
 * what packets follow.
 */
export function sessionsDown({ byKind }: Sources): string[] {
  return (byKind.get('bird-protocols.txt') ?? []).flatMap(({ file }) =>
    file.text.split('\n').flatMap((line) => {
      const [name, proto, , state, since, ...info] = line.trim().split(/\s+/)
      if (proto !== 'BGP' || state === 'up' || since === undefined) return []
      const words = info.filter((word) => !/^\d+:\d+(:\d+)?$/.test(word)).join(' ')
      return [`the BGP session ${name} of BIRD is not up (${words === '' ? state : words}): its routes are not there`]
    }),
  )
}
