/**
 * Calls `away` before the system stops the process (Ctrl-Z), and `back` when it goes on: what is drawn on a terminal makes way for the shell
 * meanwhile. The function that is returned ends that.
 */
export function aroundStops(away: () => void, back: () => void): () => void {
  let isAway = false
  const stopped = (): void => {
    away()
    isAway = true
    // Without a listener the system stops the process.
    process.off('SIGTSTP', stopped)
    process.kill(process.pid, 'SIGTSTP')
  }
  const continued = (): void => {
    if (!isAway) return
    isAway = false
    process.on('SIGTSTP', stopped)
    back()
  }
  process.on('SIGTSTP', stopped)
  process.on('SIGCONT', continued)
  return () => {
    process.off('SIGTSTP', stopped)
    process.off('SIGCONT', continued)
  }
}
