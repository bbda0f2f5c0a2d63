/** Offline after the first visit. All files of the page come for that, so it waits until somebody has seen a run. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  navigator.serviceWorker.register('./sw.js').catch(() => {})
}
