CREATE TABLE known_browser (
    token_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the cookie',
    staff_id   BIGINT UNSIGNED NOT NULL,
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    PRIMARY KEY (token_hash),
    KEY known_browser_staff (staff_id),
    KEY known_browser_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
