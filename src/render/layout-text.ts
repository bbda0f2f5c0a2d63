/** A name with its middle left out where it is longer than `max`: `default/busybo…-8bxnw`. The end tells pods of one deployment apart. */
export function shortName(name: string, max = 26): string {
  if (name.length <= max) return name
  const end = Math.floor((max - 1) / 2.6)
  return `${name.slice(0, max - 2 - end)}…${name.slice(-end)}`
}

/** Text folded at spaces into lines of at most `width` characters; a word that is longer stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line === '') line = word
    else if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

/** As {@link wrap}, but a word that is longer than a line is broken too: nothing is wider than `width`. */
export function wrapHard(text: string, width: number): string[] {
  const room = Math.max(1, width)
  return wrap(text, room).flatMap((line) => {
    const parts: string[] = []
    const characters = [...line]
    for (let at = 0; at < characters.length; at += room) parts.push(characters.slice(at, at + room).join(''))
    return parts.length === 0 ? [''] : parts
  })
}
