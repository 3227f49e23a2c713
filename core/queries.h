/*
 * The statements of the certificate domain: each area keeps its own array; this lists them for the
 * test that reads EXPLAIN, and lends them what they share. That test finds the statements of retention
 * (core/upkeep/retention.h) and of the kinds of imports (core/import/import_kind.h) in their own tables.
 *
 * Figures (core/report/statistics.h) read whole indexes by their nature, and three registers.
 *
 * Not looked at: sealing anew (reseal.c) and demonstration data, which read and write whole tables by their
 * nature; and migrations, which make them.
 */
#ifndef ECERT_CORE_QUERIES_H
#define ECERT_CORE_QUERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/db.h"

extern const struct db_area apply_area;
extern const struct db_area attachment_area;
extern const struct db_area audit_area;
extern const struct db_area audit_log_area;
extern const struct db_area cancel_area;
extern const struct db_area capture_area;
extern const struct db_area capture_take_area;
extern const struct db_area certificate_area;
extern const struct db_area certificate_bundle_area;
extern const struct db_area certificate_export_area;
extern const struct db_area change_area;
extern const struct db_area contact_area;
extern const struct db_area correction_area;
extern const struct db_area enterprise_area;
extern const struct db_area enterprise_register_area;
extern const struct db_area errand_area;
extern const struct db_area evidence_area;
extern const struct db_area evidence_list_area;
extern const struct db_area exchange_area;
extern const struct db_area expiry_area;
extern const struct db_area facts_area;
extern const struct db_area filing_area;
extern const struct db_area form_area;
extern const struct db_area history_area;
extern const struct db_area history_sources_area;
extern const struct db_area hold_area;
extern const struct db_area hold_kinds_area;
extern const struct db_area housekeeping_area;
extern const struct db_area import_area;
extern const struct db_area import_desk_area;
extern const struct db_area import_store_area;
extern const struct db_area import_undo_area;
extern const struct db_area import_work_area;
extern const struct db_area issue_area;
extern const struct db_area issue_kind_area;
extern const struct db_area job_area;
extern const struct db_area job_board_area;
extern const struct db_area login_delay_area;
extern const struct db_area matter_area;
extern const struct db_area matter_parts_area;
extern const struct db_area name_change_area;
extern const struct db_area notice_area;
extern const struct db_area outbox_area;
extern const struct db_area outbox_queue_area;
extern const struct db_area outbox_text_area;
extern const struct db_area paper_area;
extern const struct db_area person_area;
extern const struct db_area person_export_area;
extern const struct db_area proposal_area;
extern const struct db_area proposal_batch_area;
extern const struct db_area proposal_move_area;
extern const struct db_area rename_area;
extern const struct db_area restate_area;
extern const struct db_area sanction_area;
extern const struct db_area sanction_lines_area;
extern const struct db_area search_area;
extern const struct db_area serial_area;
extern const struct db_area staff_area;
extern const struct db_area staff_factor_area;
extern const struct db_area staff_login_area;
extern const struct db_area statistics_area;
extern const struct db_area stored_area;
extern const struct db_area task_area;

/* Ends with NULL. */
extern const struct db_area *const queries_areas[];

/* Builds an area from the array of its file. */
#define DB_AREA(area, array)                                                                       \
    {                                                                                              \
        .name = (area), .queries = (array), .count = sizeof(array) / sizeof((array)[0])            \
    }

/* A list of ids as placeholders, always of the same length, so that the statement's text is
 * constant: "… WHERE id IN (" SQL_IDS ")". */
enum { SQL_IDS_MAX = 100 };
#define SQL_IDS_10 "?,?,?,?,?,?,?,?,?,?"
#define SQL_IDS                                                                                    \
    SQL_IDS_10 "," SQL_IDS_10 "," SQL_IDS_10 "," SQL_IDS_10 "," SQL_IDS_10 "," SQL_IDS_10          \
               "," SQL_IDS_10 "," SQL_IDS_10 "," SQL_IDS_10 "," SQL_IDS_10

/* Fills the SQL_IDS_MAX arguments of a SQL_IDS with 1 to SQL_IDS_MAX ids; what is left over
 * repeats the last. */
void queries_list(struct db_value args[SQL_IDS_MAX], const uint64_t *ids, size_t count);

#endif
