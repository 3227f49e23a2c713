CREATE TABLE login_ticket (
    ticket_hash  BINARY(32) NOT NULL,
    subject_kind TINYINT UNSIGNED NOT NULL,
    subject_id   BIGINT UNSIGNED NOT NULL,
    label        VARCHAR(128) NOT NULL,
    expires_at   DATETIME(3) NOT NULL,
    used_at      DATETIME(3) NULL,
    PRIMARY KEY (ticket_hash),
    KEY login_ticket_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
