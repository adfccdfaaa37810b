import { type Fields, parseDocument } from '../../base/json-fields.js'

/** Reads a document of what is known of peers. @throws NEWER_FORMAT, CORRUPT */
export const parsePeers = <T>(file: string, text: string, read: (fields: Fields) => T): T =>
  parseDocument(
    {
      name: file,
      damaged: `what is known of peers is damaged (${file})`,
      hint: 'put that file back from a backup; or delete it, and pair again',
    },
    text,
    read,
  )
