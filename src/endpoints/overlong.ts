/** Why a plain sink parks an object whose slices reach past its size. */
export const OVERLONG = 'more bytes of it came than it is said to have'
