import { showCommand } from '../../src/cli/name-commands.js'

export default showCommand('tenant')
