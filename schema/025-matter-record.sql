ALTER TABLE matter
    MODIFY state ENUM('open', 'done', 'refused', 'abandoned', 'draft', 'signing') NOT NULL
        COMMENT 'draft: looked up, not yet confirmed; signing: waits for the firm''s signature',
    ADD list VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin AS
        (CASE item WHEN 'renew' THEN 'apply' WHEN 'transfer' THEN 'change' WHEN 'rename' THEN 'change'
         ELSE CAST(item AS CHAR) END) PERSISTENT COMMENT 'the list of records it stands in',
    ADD moved_on DATE NULL COMMENT 'business date of the last change of its state',
    ADD person_id BIGINT UNSIGNED NULL,
    ADD holder_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT ''
        COMMENT 'as of then; the same collation as in certificate',
    ADD wish CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''
        COMMENT 'applied for: L 法定代表人 A, A, B, C',
    ADD enterprise_name VARCHAR(128) NOT NULL DEFAULT '' COMMENT 'as of then; of a rename the new one',
    ADD reason_code VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD reason_text VARCHAR(512) NULL,
    ADD province VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'where a departure leads',
    ADD verify_token BINARY(16) NULL COMMENT 'random; what the QR code of its proof carries',
    ADD KEY matter_list (enterprise_id, list, id, opened_on, state, holder_name),
    ADD KEY matter_stale (state, opened_on, id),
    ADD UNIQUE KEY matter_token (verify_token)
