/** Splits a command line into words as a POSIX shell does: blanks, single and double quotes, backslash. Undefined: a quote is open. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  let word = ''
  let open: '"' | "'" | '' = ''
  let started = false
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string
    if (open !== '') {
      if (c === open) open = ''
      else if (c === '\\' && open === '"' && i + 1 < line.length) word += line[++i]
      else word += c
    } else if (c === '"' || c === "'") {
      open = c
      started = true
    } else if (c === '\\' && i + 1 < line.length) {
      word += line[++i]
      started = true
    } else if (c === ' ' || c === '\t') {
      if (started) words.push(word)
      word = ''
      started = false
    } else {
      word += c
      started = true
    }
  }
  if (open !== '') return undefined
  if (started) words.push(word)
  return words
}

/** A text table with columns padded to their widest cell and `gap` blanks between them; no blanks at line ends. */
export function table(rows: readonly (readonly string[])[], gap = 3): string {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + gap)))
        .join('')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}
