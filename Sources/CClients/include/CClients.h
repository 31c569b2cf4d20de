// The client libraries of other engines: libcurl, libmariadb, libpq and librabbitmq, loaded by the first call to one.
//
// Most processes need none of them, or one; they bring two dozen others with them (TLS, Kerberos, LDAP, …), which take 6 MiB
// of memory and some of the time of a start. So the program is not linked to them: their functions are defined here, and each
// finds the real one when it is first called. Where a library is not there, that call ends the process, as the system's
// loader does at the start of one that is linked.

#ifndef CCLIENTS_H
#define CCLIENTS_H

/// Why libcurl, which is needed in the midst of work at the earliest, cannot be loaded; NULL where it can.
const char *cclients_curl_failure(void);

#endif
