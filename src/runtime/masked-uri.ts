// Addresses as they may be shown: without what opens a database.

// A password may hold what should have been escaped: it goes up to the last @ that the address has.
const password = /(mongodb(?:\+srv)?:\/\/[^\s:@]*:)[^\s"'`]*@/g
const secrets = /\b(tlsCertificateKeyFilePassword|authMechanismProperties|proxyPassword)=[^\s&"'`]*/gi

/** Masks the passwords of the addresses in a text. */
export function maskUris(text: string): string {
  return text.replace(password, '$1***@').replace(secrets, '$1=***')
}
