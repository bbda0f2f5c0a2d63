/** Sorts of header a packet is made of; every one has its colour in every picture. */
export type LayerKind =
  | 'link' // Ethernet, VLAN tags, ARP
  | 'network' // IPv4, IPv6
  | 'tunnel' // VXLAN, WireGuard, and the UDP that carries them
  | 'transport' // TCP, UDP, ICMP
  | 'payload' // what no header describes

/** Kinds of layer, outermost first, as a legend lists them. */
export const LAYER_KINDS: readonly LayerKind[] = ['link', 'network', 'tunnel', 'transport', 'payload']

/** What the picture stands on: a light or a dark screen, or paper that knows only greys. */
export type ThemeName = 'light' | 'dark' | 'print'

/** What a caller asks for; `auto` follows the reader's own setting. */
export type Theme = ThemeName | 'auto'

/** Everything a caller can ask for. */
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark', 'print']

/** Colours of one layer, each `#rrggbb`. */
export interface LayerColours {
  /** Background of a header. */
  readonly fill: string
  /** Its border. */
  readonly edge: string
  /** Text on the background. */
  readonly ink: string
}

/** Every colour a picture uses, each `#rrggbb`. What a colour says is also said by a word, a mark or a pattern. */
export interface Palette {
  /** Background of the picture. */
  readonly paper: string
  /** Background of a lane. */
  readonly lane: string
  /** Border of a lane, and rules. */
  readonly rule: string
  /** Background of a card in a lane. */
  readonly card: string
  /** Text. */
  readonly ink: string
  /** Text that may be passed over. */
  readonly quiet: string
  /** The way of a request. */
  readonly request: string
  /** The way of a reply. */
  readonly reply: string
  /** The way of an ICMP error. */
  readonly error: string
  /** The way of everything else. */
  readonly other: string
  /** What went well. */
  readonly good: string
  /** A drop, and what failed. */
  readonly bad: string
  /** What is open, or rests on an assumption. */
  readonly open: string
  /** Background of a drop. */
  readonly alarm: string
  /** Background of a field that changed. */
  readonly mark: string
  /** Text of a field that changed. */
  readonly markInk: string
  /** Layers. */
  readonly layers: Readonly<Record<LayerKind, LayerColours>>
}

/**
 * The colours of every picture, in light and dark surroundings and in print. Text has a contrast of at least 4.5 to its background (WCAG 2.2,
 * 1.4.3), and the layers are told apart by readers who do not see green (deuteranopia); test/render/palette.test.ts measures both.
 */
export const PALETTES: Readonly<Record<ThemeName, Palette>> = {
  light: {
    paper: '#ffffff',
    lane: '#f3f5f9',
    rule: '#c3cad7',
    card: '#ffffff',
    ink: '#1b2230',
    quiet: '#4d576a',
    request: '#1b5faa',
    reply: '#00694d',
    error: '#9a3b00',
    other: '#4d576a',
    good: '#00694d',
    bad: '#b3150c',
    open: '#7d5700',
    alarm: '#fdeae8',
    mark: '#fff2a8',
    markInk: '#3d3100',
    layers: {
      link: { fill: '#f5dfee', edge: '#9c2f78', ink: '#5c1f45' },
      network: { fill: '#d9e9fb', edge: '#1b5faa', ink: '#0c3a69' },
      tunnel: { fill: '#ffe5bd', edge: '#c47400', ink: '#633600' },
      transport: { fill: '#d2efe4', edge: '#00694d', ink: '#00452f' },
      payload: { fill: '#eceef2', edge: '#8b95a7', ink: '#3a4252' },
    },
  },
  dark: {
    paper: '#12161e',
    lane: '#1a202b',
    rule: '#465166',
    card: '#222936',
    ink: '#e8ecf4',
    quiet: '#a9b4c6',
    request: '#7db8fa',
    reply: '#56d3a9',
    error: '#ffab73',
    other: '#a9b4c6',
    good: '#56d3a9',
    bad: '#ff8f85',
    open: '#e8b64c',
    alarm: '#3d1a1a',
    mark: '#5c4d00',
    markInk: '#fff2a8',
    layers: {
      link: { fill: '#43253a', edge: '#f7a3d8', ink: '#ffd9ef' },
      network: { fill: '#153353', edge: '#5b9fe6', ink: '#d3e9ff' },
      tunnel: { fill: '#4a3206', edge: '#f2b04a', ink: '#ffe3b3' },
      transport: { fill: '#0d3b2e', edge: '#4ac79e', ink: '#c9f7e6' },
      payload: { fill: '#2b313d', edge: '#7d889d', ink: '#dbe1ec' },
    },
  },
  print: {
    paper: '#ffffff',
    lane: '#ffffff',
    rule: '#8c8c8c',
    card: '#ffffff',
    ink: '#000000',
    quiet: '#4a4a4a',
    request: '#000000',
    reply: '#000000',
    error: '#000000',
    other: '#4a4a4a',
    good: '#000000',
    bad: '#000000',
    open: '#000000',
    alarm: '#e2e2e2',
    mark: '#d6d6d6',
    markInk: '#000000',
    layers: {
      link: { fill: '#ffffff', edge: '#484848', ink: '#000000' },
      network: { fill: '#ffffff', edge: '#000000', ink: '#000000' },
      tunnel: { fill: '#ebebeb', edge: '#6c6c6c', ink: '#000000' },
      transport: { fill: '#f5f5f5', edge: '#262626', ink: '#000000' },
      payload: { fill: '#ffffff', edge: '#939393', ink: '#000000' },
    },
  },
}

/** The colours as custom properties of CSS: `--pw-ink:#1b2230;…;--pw-link-fill:#f5dfee;…`. */
export function paletteVariables(palette: Palette): string {
  const { layers, ...plain } = palette
  const own = Object.entries(plain).map(([name, colour]) => `--pw-${name === 'markInk' ? 'mark-ink' : name}:${colour}`)
  const ofLayers = LAYER_KINDS.flatMap((kind) =>
    Object.entries(layers[kind]).map(([part, colour]) => `--pw-${kind}-${part}:${colour}`),
  )
  return [...own, ...ofLayers].join(';')
}

/** Rules for a theme: those of one palette, or with `auto` those of the dark one behind a media query. */
export function themedCss(theme: Theme, rules: (palette: Palette, name: ThemeName) => string): string {
  const of = (name: ThemeName): string => rules(PALETTES[name], name)
  return theme === 'auto' ? `${of('light')}@media (prefers-color-scheme:dark){${of('dark')}}` : of(theme)
}
