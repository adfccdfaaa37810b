import { showCommand } from '../../src/cli/command/names.js'

export default showCommand('tenant')
