CREATE TABLE staff_factor (
    id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    staff_id        BIGINT UNSIGNED NOT NULL,
    kind            ENUM('totp', 'key', 'certificate') NOT NULL,
    label           VARCHAR(64) NOT NULL,
    secret_sealed   VARBINARY(255) NULL COMMENT 'of totp',
    credential_hash BINARY(32) NULL COMMENT 'of key: SHA-256 of its id; of certificate: SHA-256 of its public key',
    credential_id   VARBINARY(1023) NULL COMMENT 'of key',
    public_key      VARBINARY(1024) NULL COMMENT 'of key: SubjectPublicKeyInfo',
    used_counter    BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of totp: the last time step; of key: its signature counter',
    created_at      DATETIME(3) NOT NULL,
    confirmed_at    DATETIME(3) NULL COMMENT 'NULL: not to log in with, yet',
    used_at         DATETIME(3) NULL,
    PRIMARY KEY (id),
    KEY staff_factor_staff (staff_id),
    UNIQUE KEY staff_factor_credential (kind, credential_hash)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
