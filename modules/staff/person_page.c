#include "modules/staff/person_page.h"

#include "core/register/identifier.h"
#include "core/register/person_data.h"
#include "modules/common.h"

void page_person(HDF *node, const struct person *person)
{
    page_int(node, "Id", (int64_t)person->id);
    page_text(node, "Name", person->name);
    page_text(node, "IdType", document_type_label(person->id_type));
    page_text(node, "IdNumber", person->id_no_masked);
    page_text(node, "Sex", person_sex_label(person->sex));
    page_date(node, "Birth", person->birth);
    if (person->capture_id)
        page_int(node, "Photo", (int64_t)person->capture_id);
}

void page_person_whole(HDF *node, const struct person *person)
{
    page_person(node, person);
    page_text(node, "Education", person_education_label(person->education));
    page_text(node, "Title", person_title_label(person->title));
    page_int(node, "Phone", person->has_phone);
}

int person_typed(struct request *request, size_t type_field, size_t number_field, const char *absent,
                 struct person *person, enum outcome *outcome, struct err *err)
{
    const char *type = request_text(request, type_field);
    const char *typed = request_text(request, number_field);
    char number[DOCUMENT_NO_SIZE];
    int found;

    *outcome = OUT_PAGE;
    if (!document_type_valid(type)) {
        *outcome = request_reject(request, type_field, "请选择证件类型");
        return 0;
    }
    if (!document_no_normalise(type, typed, request->today, number)) {
        *outcome = request_reject(request, number_field, "%s",
                                  document_no_fault(type, typed ? typed : "", request->today));
        return 0;
    }
    found = person_find_document(request->db, request->pool, core_of(request), type, number, person,
                                 err);
    if (found == 0 && absent)
        *outcome = request_reject(request, number_field, "%s", absent);
    return found;
}

void page_hold(HDF *node, const struct hold *hold, struct date today)
{
    page_text(node, "Number", hold->number);
    page_text(node, "Basis", hold->legal_basis);
    page_text(node, "Reason", hold->reason);
    page_date(node, "From", hold->from);
    page_date(node, "Until", hold->until);
    page_int(node, "InForce", hold_in_force(hold, today));
}
