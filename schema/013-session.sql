CREATE TABLE session (
    token_hash   BINARY(32) NOT NULL COMMENT 'SHA-256 of the secret in the cookie',
    subject_kind TINYINT UNSIGNED NOT NULL COMMENT '1 firm, 2 staff',
    subject_id   BIGINT UNSIGNED NOT NULL,
    label        VARCHAR(128) NOT NULL,
    created_at   DATETIME(3) NOT NULL,
    seen_at      DATETIME(3) NOT NULL,
    expires_at   DATETIME(3) NOT NULL COMMENT 'absolute',
    PRIMARY KEY (token_hash),
    KEY session_subject (subject_kind, subject_id),
    KEY session_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
