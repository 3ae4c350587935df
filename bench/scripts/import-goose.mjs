// Loads the library and ends.
import '../../dist/index.js'
