import type { Outcome } from '../use-played.ts'

/** Faults that a list shows. */
const FEW = 5

/** What is wrong with the files, each with its place; the last run stays below. */
export function Faults({ outcome: { issues, fault } }: { readonly outcome: Outcome }) {
  if (issues.length === 0 && fault === '') return null
  return (
    <section class="faults" role="alert" aria-label="Faults">
      {fault === '' ? null : <p>{fault}</p>}
      <ul>
        {issues.slice(0, FEW).map(({ file, line, object, path, expected, received }) => (
          <li key={`${file}:${line}:${path.join('.')}:${expected}`}>
            <strong>{[file, line].filter((part) => part !== undefined && part !== '').join(':')}</strong>{' '}
            {[object, path.join('.')].filter(Boolean).join(' ')}: expected {expected}, received {received}
          </li>
        ))}
        {issues.length > FEW ? <li>and {issues.length - FEW} more</li> : null}
      </ul>
    </section>
  )
}
