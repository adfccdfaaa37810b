import { loadCompression } from '../src/base/compression.js'

// In the program it is loaded by what opens a home or a peer; tests also use what lies below that.
await loadCompression()
