/** The payload of the laboratory's tools: a to z over and over, from a given letter on. */
export function lettered(length: number, first: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 0x61 + ((first + i) % 26))
}

/** Letter a reply starts with. */
export const REPLY_LETTER = 7

/** What the laboratory's UDP server answers: letters, or with no size said what came. */
export function letteredAnswer(size: number | null): (request: Uint8Array) => Uint8Array {
  return (request) => (size === null ? request : lettered(size, REPLY_LETTER))
}
