CREATE TABLE import_before (
    id                  BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    import_id           BIGINT UNSIGNED NOT NULL,
    row_id              BIGINT UNSIGNED NOT NULL COMMENT 'of the register''s table that the kind fills',
    plain               VARCHAR(2048) NULL COMMENT 'JSON: its columns before the import',
    legal_rep_id_hash   BINARY(32) NULL,
    legal_rep_id_sealed VARBINARY(256) NULL,
    enterprise_phone_sealed VARBINARY(256) NULL,
    person_phone_sealed VARBINARY(256) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY import_before_row (import_id, row_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
