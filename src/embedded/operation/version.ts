// Names the version of MongoDB whose answers are given.

export const VERSION = '8.0.0'
