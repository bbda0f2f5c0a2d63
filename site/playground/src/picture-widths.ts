/** Width of the picture on a phone of 360 pixels. */
export const PHONE = 336

/**
 * Widths of pictures, by the least width of a page that has room for one, the widest page first. There are few, so that the build can
 * calculate those of the first run. From 1200 on (`WIDE` of views.tsx, and the style) files stand beside, and take a third.
 */
export const PICTURES: readonly { readonly from: number; readonly width: number }[] = [
  { from: 1776, width: 1120 },
  { from: 1264, width: 780 },
  { from: 1200, width: 720 },
  { from: 840, width: 780 },
  { from: 760, width: 720 },
  { from: 640, width: 600 },
  { from: 0, width: PHONE },
]
