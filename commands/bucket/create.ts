import { createCommand } from '../../src/cli/command/names.js'

export default createCommand('bucket')
