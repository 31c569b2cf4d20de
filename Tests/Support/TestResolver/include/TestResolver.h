/// Stands before the system's resolver in whatever it is linked into: libcurl's look-ups come here too, since a program's
/// own `getaddrinfo` goes before that of a library. (Not so on macOS.)
///
/// A name says its answer, two addresses of 8 or 32 hexadecimal digits:
///
///     7.7f000002.0a000001.both.test    both, in this order
///     7.7f000002.0a000001.turns.test   the first when it is first asked, the second ever after
///
/// The number, below 4096, tells names apart; one label in Punycode may stand before it. All other names are looked up.
