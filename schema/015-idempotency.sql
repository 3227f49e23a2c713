CREATE TABLE idempotency (
    subject_kind TINYINT UNSIGNED NOT NULL,
    subject_id   BIGINT UNSIGNED NOT NULL,
    request_key  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    route        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    body_hash    BINARY(32) NOT NULL COMMENT 'the same key with another form is a mistake, not a repetition',
    location     VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'where the answer redirected to',
    created_at   DATETIME(3) NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, request_key),
    KEY idempotency_age (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
