import { open } from 'node:fs/promises'

/** Flips a bit of a file. Doing it again undoes it. */
export async function flip(file: string, offset: number): Promise<void> {
  const handle = await open(file, 'r+')
  const byte = Buffer.alloc(1)
  await handle.read(byte, 0, 1, offset)
  byte.writeUInt8(byte.readUInt8() ^ 0x20)
  await handle.write(byte, 0, 1, offset)
  await handle.close()
}
