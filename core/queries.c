#include "core/queries.h"

#include "base/err.h"

const struct db_area *const queries_areas[] = {
    &apply_area,
    &attachment_area,
    &audit_area,
    &audit_log_area,
    &cancel_area,
    &capture_area,
    &certificate_area,
    &certificate_bundle_area,
    &certificate_export_area,
    &change_area,
    &contact_area,
    &correction_area,
    &enterprise_area,
    &enterprise_register_area,
    &errand_area,
    &evidence_area,
    &evidence_list_area,
    &exchange_area,
    &expiry_area,
    &facts_area,
    &filing_area,
    &form_area,
    &history_area,
    &history_sources_area,
    &hold_area,
    &housekeeping_area,
    &import_area,
    &import_desk_area,
    &import_store_area,
    &import_undo_area,
    &import_work_area,
    &issue_area,
    &issue_kind_area,
    &job_area,
    &job_board_area,
    &login_delay_area,
    &matter_area,
    &matter_parts_area,
    &name_change_area,
    &notice_area,
    &outbox_area,
    &outbox_queue_area,
    &outbox_text_area,
    &paper_area,
    &person_area,
    &person_export_area,
    &proposal_area,
    &proposal_move_area,
    &rename_area,
    &restate_area,
    &sanction_area,
    &sanction_lines_area,
    &search_area,
    &serial_area,
    &staff_area,
    &statistics_area,
    &staff_factor_area,
    &staff_login_area,
    &stored_area,
    NULL,
};

void queries_list(struct db_value args[SQL_IDS_MAX], const uint64_t *ids, size_t count)
{
    if (count == 0 || count > SQL_IDS_MAX)
        err_fatal("a list of %zu ids", count);
    for (size_t i = 0; i < SQL_IDS_MAX; i++)
        args[i] = db_uint(ids[i < count ? i : count - 1]);
}
