/** Where a check says that its command is typed, e.g. `ip route   (on node01)`. */
const PLACED = /^(.*\S)\s+\(on ([a-z0-9][a-z0-9.-]*)\)$/i

/** A check as a line of the session: `node01$ ip route`. */
export function lineOf(check: string): string {
  const [, command, host] = PLACED.exec(check) ?? []
  return command === undefined ? check : `${host}$ ${command}`
}

interface CommandsProps {
  /** Commands, as they are told. */
  readonly checks: readonly string[]
  readonly onTry: (line: string) => void
}

/** Commands for a real machine, each of which can be run in the terminal of the page. */
export function Commands({ checks, onTry }: CommandsProps) {
  return (
    <ul class="commands">
      {checks.map((check) => (
        <li key={check}>
          <code>{check}</code>{' '}
          <button
            type="button"
            class="plain"
            aria-label={`Try it in the terminal: ${check}`}
            onClick={() => onTry(lineOf(check))}
          >
            Try it in the terminal
          </button>
        </li>
      ))}
    </ul>
  )
}
