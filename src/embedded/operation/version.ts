// Names the version of MongoDB whose answers are given.

export const VERSION = '7.0.0'
