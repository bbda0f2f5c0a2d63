/** What the page can show, in the order of its tabs. `cluster` has a place of its own where there is room. */
export const VIEWS = [
  { name: 'cluster', title: 'Cluster' },
  { name: 'picture', title: 'Picture' },
  { name: 'steps', title: 'Steps' },
  { name: 'text', title: 'Text' },
  { name: 'terminal', title: 'Terminal' },
  { name: 'compare', title: 'Compare' },
  { name: 'ask', title: 'Ask' },
  { name: 'time', title: 'Time' },
] as const

/** One of them. */
export type View = (typeof VIEWS)[number]['name']
