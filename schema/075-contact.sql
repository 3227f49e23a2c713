CREATE TABLE contact (
    id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    enterprise_id  BIGINT UNSIGNED NOT NULL,
    channel        ENUM('mail', 'sms') NOT NULL,
    events         SET('ready', 'changed', 'refused', 'left', 'sanction', 'renamed', 'expiring') NOT NULL
        COMMENT 'of which the firm wants to be told',
    address_sealed VARBINARY(512) NULL COMMENT 'the one that is written to: confirmed',
    address_hash   BINARY(32) NULL,
    confirmed_at   DATETIME(3) NULL,
    wanted_sealed  VARBINARY(512) NULL COMMENT 'one that waits for its code',
    wanted_hash    BINARY(32) NULL,
    code_salt      BINARY(16) NULL COMMENT 'what the code is made of, with a key of the vault',
    code_until     DATETIME(3) NULL,
    code_tries     TINYINT UNSIGNED NOT NULL DEFAULT 0,
    created_at     DATETIME(3) NOT NULL,
    updated_at     DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY contact_channel (enterprise_id, channel),
    KEY contact_unconfirmed (confirmed_at, updated_at),
    CONSTRAINT contact_enterprise FOREIGN KEY (enterprise_id) REFERENCES enterprise (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'where a firm wants to be told what happens'
