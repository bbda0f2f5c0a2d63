/** Forms of a UUID that are read: plain, as URN, in braces, without dashes. */
const FORMS = [
  /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i,
  /^urn:uuid:([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i,
  /^\{([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}$/i,
  /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i,
]

/** Bytes with version and variant: they stay. */
const KEPT: readonly number[] = [6, 8]

/**
 * The UID of what Calico makes of an object: the bits of every byte in reverse, so that no two objects have one. Undefined
 * for a text that is no UUID.
 *
 * @calico libcalico-go/lib/backend/k8s/conversion ConvertUID
 */
export function convertedUid(uid: string): string | undefined {
  const found = FORMS.map((form) => form.exec(uid)).find((match) => match !== null)
  if (!found) return undefined
  const bytes = found.slice(1).join('').toLowerCase().match(/../g) ?? []
  const text = bytes.map((byte, i) => (KEPT.includes(i) ? byte : reversed(byte))).join('')
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function reversed(byte: string): string {
  const bits = Number.parseInt(byte, 16).toString(2).padStart(8, '0')
  return Number.parseInt([...bits].reverse().join(''), 2)
    .toString(16)
    .padStart(2, '0')
}
