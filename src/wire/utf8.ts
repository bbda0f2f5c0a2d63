// The core's type library has no TextEncoder, so the two directions are written out. @rfc 3629

const REPLACEMENT = 0xfffd

/** Text as UTF-8. A lone surrogate becomes U+FFFD, as TextEncoder does it. */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = []
  for (const character of text) {
    let point = character.codePointAt(0)!
    if (point >= 0xd800 && point <= 0xdfff) point = REPLACEMENT
    if (point < 0x80) out.push(point)
    else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f))
    else if (point < 0x10000) out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f))
    else
      out.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f))
  }
  return Uint8Array.from(out)
}

/** UTF-8 as text. Every ill-formed sequence becomes U+FFFD; nothing is thrown. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at]!
    const more =
      lead < 0x80
        ? 0
        : lead >= 0xc2 && lead < 0xe0
          ? 1
          : lead >= 0xe0 && lead < 0xf0
            ? 2
            : lead >= 0xf0 && lead < 0xf5
              ? 3
              : -1
    if (more < 0) {
      text += '\ufffd'
      at += 1
      continue
    }
    let point = more === 0 ? lead : lead & (0x3f >> more)
    let taken = 0
    while (taken < more && isContinuation(lead, bytes[at + 1 + taken], taken)) {
      point = (point << 6) | (bytes[at + 1 + taken]! & 0x3f)
      taken += 1
    }
    text += taken === more ? String.fromCodePoint(point) : '\ufffd'
    at += 1 + taken
  }
  return text
}

/** Whether a byte may follow: the first one after the lead also shuts out overlong forms and surrogates. */
function isContinuation(lead: number, byte: number | undefined, index: number): boolean {
  if (byte === undefined || (byte & 0xc0) !== 0x80) return false
  if (index > 0) return true
  if (lead === 0xe0) return byte >= 0xa0
  if (lead === 0xed) return byte < 0xa0
  if (lead === 0xf0) return byte >= 0x90
  if (lead === 0xf4) return byte < 0x90
  return true
}
