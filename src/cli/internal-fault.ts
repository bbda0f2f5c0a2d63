/** What is not the user's fault, in one line; never a stack. */
export function internalFault(error: unknown): string {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : `a ${typeof error} was thrown`
  const line = (what.split('\n')[0] ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
  return `packetwalk: internal fault, please report it: ${line}`
}
