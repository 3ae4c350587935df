// Loads the native part of LMDB where it usually lies, without asking the machine what it is; bundled in place of lmdb's own search.
const { createRequire } = require('node:module')
const { dirname } = require('node:path')

const platform = `@lmdb/lmdb-${process.platform}-${process.arch}`
const libc = process.platform === 'linux' ? '.glibc' : ''
const flavours = [`abi${process.versions.modules}${libc}`, `napi${libc}`]

module.exports = () => {
  const ofLmdb = createRequire(require.resolve('lmdb'))
  for (const flavour of flavours) {
    try {
      return ofLmdb(`${platform}/node.${flavour}.node`)
    } catch {}
  }
  // Built on this machine, another C library, another place: lmdb's own search finds it, or says what is missing.
  return ofLmdb('node-gyp-build-optional-packages')(dirname(ofLmdb.resolve('lmdb/package.json')))
}
