// Loads the driver and ends.
import '../../node_modules/mongodb/lib/index.js'
