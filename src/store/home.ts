import path from 'node:path'

/** Where everything of a segment is, below its home folder. */
export const homePaths = (home: string) => ({
  identity: path.join(home, 'segment.json'),
  index: path.join(home, 'index.mdb'),
  gate: path.join(home, 'gate.mdb'),
  packs: path.join(home, 'packs'),
  doorbell: path.join(home, 'doorbell'),
  nameFile: path.join(home, 'names.txt'),
  services: path.join(home, 'services'),
  running: path.join(home, 'run'),
  peers: path.join(home, 'peers'),
  runs: path.join(home, 'runs'),
  brought: path.join(home, 'brought'),
})

const PACK_NAME = /^([0-9a-f]{8})\.pack$/

export const packName = (pack: number): string => `${pack.toString(16).padStart(8, '0')}.pack`
export const packPath = (home: string, pack: number): string => path.join(homePaths(home).packs, packName(pack))

/** The number of a pack file, or undefined for a file that is no pack. */
export function packNumber(name: string): number | undefined {
  const digits = PACK_NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}
