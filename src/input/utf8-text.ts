// Every runtime decodes UTF-8 much faster than a program can; the core's type library does not know how.
declare const TextDecoder: new (
  encoding?: string,
  options?: { readonly ignoreBOM?: boolean },
) => {
  decode(bytes: Uint8Array): string
}
declare const TextEncoder: new () => { encode(text: string): Uint8Array }

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
const ENCODER = new TextEncoder()

/** UTF-8 as text; a mark at its beginning is a character as others are, and every ill-formed sequence U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return UTF8.decode(bytes)
}

/** Text as UTF-8. A lone surrogate becomes U+FFFD. */
export function utf8Bytes(text: string): Uint8Array {
  return ENCODER.encode(text)
}

/** Text as UTF-8; undefined where it holds half a character, which has no bytes. */
export function utf8BytesOf(text: string): Uint8Array | undefined {
  return /\p{Surrogate}/u.test(text) ? undefined : utf8Bytes(text)
}

/** Bytes as text: UTF-8, or UTF-16 when they begin with its mark (PowerShell writes that). A byte order mark is no text. */
export function decodeText(bytes: Uint8Array): string {
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}
