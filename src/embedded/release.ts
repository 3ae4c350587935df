// Names the release of MongoDB that the embedded database is compatible with.

export const VERSION = '7.0.0'
