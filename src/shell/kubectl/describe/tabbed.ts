/**
 * Lines whose cells end in tabs, as `text/tabwriter` of Go aligns them: the cells of a column that stand below each other are equally
 * wide, two blanks between them and the next.
 */
export function tabbed(lines: readonly string[]): string {
  const rows = lines.map((line) => line.split('\t'))
  const widths = rows.map((row) => row.slice(0, -1).map(() => 0))
  const columns = Math.max(0, ...widths.map(({ length }) => length))
  for (let column = 0; column < columns; column++) {
    for (let from = 0; from < rows.length; ) {
      let to = from
      while (to < rows.length && (widths[to] as number[]).length > column) to++
      const width = Math.max(0, ...rows.slice(from, to).map((row) => (row[column] as string).length)) + 2
      for (let i = from; i < to; i++) (widths[i] as number[])[column] = width
      from = Math.max(to, from + 1)
    }
  }
  return rows
    .map((row, i) =>
      row
        .map((cell, j) => cell.padEnd(widths[i]?.[j] ?? 0))
        .join('')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** `Labels:` and what stands there, one below the other. */
export function entries(
  title: string,
  values: Readonly<Record<string, string>>,
  separator: string,
  indent = '',
): string[] {
  const all = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
  if (all.length === 0) return [`${indent}${title}:\t<none>`]
  return all.map(([key, value], i) => `${indent}${i === 0 ? `${title}:` : ''}\t${key}${separator}${value}`)
}

/** A table below a title, its columns underlined. */
export function titledTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [`${title}:\t<none>`]
  return [
    `${title}:`,
    `  ${head.join('\t')}`,
    `  ${head.map((one) => '-'.repeat(one.length)).join('\t')}`,
    ...rows.map((row) => `  ${row.join('\t')}`),
  ]
}
