/** What `echo [-n] [-e] WORD…` prints. */
export function printedWords(args: readonly string[]): string {
  let at = 0
  let flags = ''
  for (; /^-[neE]+$/.test(args[at] ?? ''); at++) flags += args[at]?.slice(1)
  const text = args.slice(at).join(' ')
  const shown = flags.includes('e')
    ? text.replace(/\\([nt\\])/g, (_, c: string) => ({ n: '\n', t: '\t', '\\': '\\' })[c] ?? c)
    : text
  return flags.includes('n') ? shown : `${shown}\n`
}
