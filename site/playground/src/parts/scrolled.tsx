import type { ComponentChildren } from 'preact'

interface ScrolledProps {
  readonly label: string
  readonly class: string
  readonly children: ComponentChildren
}

/** What is larger than its place: keys reach it and scroll it. */
export function Scrolled({ label, class: name, children }: ScrolledProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section class={name} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
