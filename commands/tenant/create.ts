import { createCommand } from '../../src/cli/name-commands.js'

export default createCommand('tenant')
