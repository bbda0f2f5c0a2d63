import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** A part of the page that is loaded when it is first looked at. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P & { readonly meanwhile?: ComponentChildren }> {
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
    return fault === '' ? <>{meanwhile ?? <p class="quiet">On its way …</p>}</> : <p role="alert">{fault}</p>
  }
}
