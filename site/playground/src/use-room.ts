import { useEffect, useState } from 'preact/hooks'
import { PHONE, PICTURES } from './picture-widths.ts'

/** Width of the picture that the page has room for, also when the page gets another width. */
export function useRoom(): number {
  const [width, setWidth] = useState(roomNow)
  useEffect(() => {
    const listen = (): void => setWidth(roomNow())
    window.addEventListener('resize', listen)
    return () => window.removeEventListener('resize', listen)
  }, [])
  return width
}

function roomNow(): number {
  return PICTURES.find(({ from }) => window.innerWidth >= from)?.width ?? PHONE
}
