/*
 * Certificates as a table for a spreadsheet 导出查询结果.
 */
#ifndef ECERT_CORE_REGISTER_CERTIFICATE_EXPORT_H
#define ECERT_CORE_REGISTER_CERTIFICATE_EXPORT_H

#include "core/register/certificate.h"

struct sink;

/* Writes all that the filter finds as CSV (csv.h), newest first, a row each: 证书编号, 姓名, 类别,
 * 职务, 企业名称, 初次领证日期, 有效期起, 有效期止, 证书状态 (on filter->today), 生成状态. It reads
 * page by page behind filter->after, whatever filter->limit; no transaction holds the pages
 * together. 0/-1. */
int certificate_export(struct db *db, const struct certificate_filter *filter,
                       const struct sink *sink, struct err *err);

#endif
