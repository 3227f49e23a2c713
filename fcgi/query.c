#include "fcgi/query.h"

const struct db_query web_queries[WEB_QUERIES] = {
    [SQL_SESSION_FIND] = {"session_find", "SELECT subject_kind, subject_id, label, seen_at, expires_at,"
                                          " roles FROM session WHERE token_hash = ?"},
    [SQL_SESSION_SEEN] = {"session_seen", "UPDATE session SET seen_at = ?"
                                          " WHERE token_hash = ? AND seen_at < ?"},
    [SQL_SESSION_ADD] = {"session_add", "INSERT INTO session (token_hash, subject_kind, subject_id,"
                                        " label, created_at, seen_at, expires_at, roles)"
                                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_SESSION_DELETE] = {"session_delete", "DELETE FROM session WHERE token_hash = ?"},
    [SQL_SESSION_DELETE_ALL] = {"session_delete_all", "DELETE FROM session"
                                                      " WHERE subject_kind = ? AND subject_id = ?"},
    [SQL_SESSION_PURGE] = {"session_purge", "DELETE FROM session WHERE expires_at < ?"
                                            " ORDER BY expires_at LIMIT 100"},
    [SQL_TICKET_ADD] = {"ticket_add", "INSERT INTO login_ticket (ticket_hash, subject_kind,"
                                      " subject_id, label, expires_at) VALUES (?, ?, ?, ?, ?)"},
    [SQL_TICKET_USE] = {"ticket_use", "UPDATE login_ticket SET used_at = ? WHERE ticket_hash = ?"
                                      " AND used_at IS NULL AND expires_at > ?"},
    [SQL_TICKET_FIND] = {"ticket_find", "SELECT subject_kind, subject_id, label"
                                        " FROM login_ticket WHERE ticket_hash = ?"},
    [SQL_TICKET_USED] = {"ticket_used", "SELECT used_at IS NOT NULL FROM login_ticket"
                                        " WHERE ticket_hash = ?"},
    [SQL_HALF_FIND] = {"half_find", "SELECT subject_kind, subject_id, label FROM login_ticket"
                                    " WHERE ticket_hash = ? AND used_at IS NULL"
                                    " AND expires_at > ?"},
    [SQL_TICKET_PURGE] = {"ticket_purge", "DELETE FROM login_ticket WHERE expires_at < ?"
                                          " ORDER BY expires_at LIMIT 100"},
    [SQL_KEY_ADD] = {"key_add", "INSERT INTO idempotency (subject_kind, subject_id, request_key,"
                                " route, body_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)"},
    [SQL_KEY_STORE] = {"key_store", "UPDATE idempotency SET location = ? WHERE subject_kind = ?"
                                    " AND subject_id = ? AND request_key = ?"},
    [SQL_KEY_FIND] = {"key_find", "SELECT route, body_hash, location FROM idempotency"
                                  " WHERE subject_kind = ? AND subject_id = ? AND request_key = ?"},
    [SQL_KEY_PURGE] = {"key_purge", "DELETE FROM idempotency WHERE created_at < ?"
                                    " ORDER BY created_at LIMIT 100"},
};

const struct db_area web_area = {.name = "web", .queries = web_queries, .count = WEB_QUERIES};
