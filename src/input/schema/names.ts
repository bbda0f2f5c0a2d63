import * as v from 'valibot'
import { isInterfaceName, printable } from '../../model/index.ts'
import type { Shape } from './fields.ts'

/** The nearest right name: what the author may have meant. */
function suggestion(wrong: unknown, most: number, dots: boolean): string {
  const text = typeof wrong === 'string' ? wrong : ''
  const kept = text
    .toLowerCase()
    .slice(0, most)
    .replace(dots ? /[^a-z0-9.-]+/g : /[^a-z0-9-]+/g, '-')
  const trimmed = kept.replace(/^[-.]+/, '').replace(/[-.]+$/, '')
  return trimmed === '' ? '' : `, e.g. ${trimmed}`
}

function name(pattern: RegExp, most: number, what: string, dots: boolean): Shape {
  return v.pipe(
    v.string('a name'),
    v.minLength(1, 'a name'),
    v.check(
      (text) => text.length <= most && pattern.test(text),
      ({ input }) => `${what}${suggestion(input, most, dots)}`,
    ),
  )
}

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** A name without dots, as namespaces and Services have. @rfc 1123 §2.1 */
export const labelName: Shape = name(
  LABEL,
  63,
  'a name of at most 63 lower-case letters, digits and "-" that begins and ends with a letter or digit (RFC 1123)',
  false,
)

/** The namespace an object is in; empty is as good as none. */
export const namespaceName: Shape = v.union([v.literal(''), labelName], ({ issues, input }) => {
  const label = issues?.find(({ message }) => message.includes('1123'))
  return label?.message ?? (typeof input === 'string' ? 'a name' : 'text')
})

/** The name of any other object of Kubernetes: parts with dots between them. @rfc 1123 §2.1 */
export const objectName: Shape = name(
  SUBDOMAIN,
  253,
  'a name of at most 253 lower-case letters, digits, "-" and ".", each part of which begins and ends with a letter or digit (RFC 1123)',
  true,
)

/** The name of an object of Calico: in etcd letters may be upper-case, and there may be underscores. */
export const calicoName: Shape = name(
  /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/,
  253,
  'a name of at most 253 letters, digits, "-", "_" and "." that begins and ends with a letter or digit',
  true,
)

/** A name that is only shown and referred to: of a segment, a router. */
export const plainName: Shape = v.pipe(
  v.string('a name'),
  v.check(
    (text) =>
      text.length >= 1 && text.length <= 63 && text.trim() === text && printable(text) === text && !text.includes('/'),
    'a name of at most 63 characters without slashes and control characters, with no blank at its ends',
  ),
)

/** The name of a network interface. */
export const interfaceName: Shape = v.pipe(
  v.string('an interface name'),
  v.check(
    (text) => isInterfaceName(text) && printable(text) === text,
    'an interface name of 1 to 15 bytes without blanks, slashes and colons, e.g. eth0',
  ),
)
