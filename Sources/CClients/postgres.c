#include "../CPostgres/shim.h"
#include "forwarding.h"

#define LIBRARY "libpq.so.5"

FORWARD(int, PQlibVersion, (void), ())
FORWARD(void, PQfreemem, (void *bytes), (bytes))

FORWARD(PQconninfoOption *, PQconninfoParse, (const char *text, char **message), (text, message))
FORWARD(void, PQconninfoFree, (PQconninfoOption * options), (options))

FORWARD(
    PGconn *, PQconnectdbParams, (const char *const *keywords, const char *const *values, int expands),
    (keywords, values, expands))
FORWARD(void, PQfinish, (PGconn * connection), (connection))
FORWARD(ConnStatusType, PQstatus, (const PGconn *connection), (connection))
FORWARD(char *, PQerrorMessage, (const PGconn *connection), (connection))
FORWARD(int, PQsocket, (const PGconn *connection), (connection))
FORWARD(int, PQsetnonblocking, (PGconn * connection, int is), (connection, is))
FORWARD(
    PQnoticeProcessor, PQsetNoticeProcessor, (PGconn * connection, PQnoticeProcessor processor, void *context),
    (connection, processor, context))

FORWARD(int, PQenterPipelineMode, (PGconn * connection), (connection))
FORWARD(int, PQpipelineSync, (PGconn * connection), (connection))
FORWARD(
    int, PQsendPrepare,
    (PGconn * connection, const char *name, const char *text, int count, const Oid *types),
    (connection, name, text, count, types))
FORWARD(
    int, PQsendQueryPrepared,
    (PGconn * connection, const char *name, int count, const char *const *values, const int *lengths, const int *formats,
     int format),
    (connection, name, count, values, lengths, formats, format))
FORWARD(int, PQflush, (PGconn * connection), (connection))
FORWARD(int, PQconsumeInput, (PGconn * connection), (connection))
FORWARD(int, PQisBusy, (PGconn * connection), (connection))
FORWARD(PGnotify *, PQnotifies, (PGconn * connection), (connection))
FORWARD(PGresult *, PQgetResult, (PGconn * connection), (connection))

FORWARD(void, PQclear, (PGresult * result), (result))
FORWARD(ExecStatusType, PQresultStatus, (const PGresult *result), (result))
FORWARD(char *, PQresultErrorField, (const PGresult *result, int field), (result, field))
FORWARD(char *, PQresultErrorMessage, (const PGresult *result), (result))
FORWARD(char *, PQcmdTuples, (PGresult * result), (result))
FORWARD(int, PQntuples, (const PGresult *result), (result))
FORWARD(int, PQnfields, (const PGresult *result), (result))
FORWARD(Oid, PQftype, (const PGresult *result, int column), (result, column))
FORWARD(int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))
FORWARD(int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))
FORWARD(char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))
