import type { ComponentChild, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** A part of the page that is loaded when it is first looked at. */
export function lazy<P extends object>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P & { readonly meanwhile?: ComponentChild }> {
  let loaded: ComponentType<P> | null = null
  return function Lazy({ meanwhile, ...props }) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => loaded)
    const [fault, setFault] = useState('')
    useEffect(() => {
      if (Part !== null) return
      load().then(
        (part) => {
          loaded = part
          setPart(() => part)
        },
        () => setFault('This part of the page could not be loaded. Is the network there?'),
      )
    }, [Part])
    if (Part !== null) return <Part {...(props as unknown as P)} />
    if (fault !== '') return <p role="alert">{fault}</p>
    return meanwhile === undefined ? <p class="quiet">On its way …</p> : meanwhile
  }
}
