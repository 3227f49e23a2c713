CREATE TABLE enterprise (
    id                  BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    uscc                CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '统一社会信用代码',
    name                VARCHAR(128) NOT NULL,
    region              ENUM('local', 'outside') NOT NULL COMMENT 'of this city, or from elsewhere',
    province            VARCHAR(16) NOT NULL DEFAULT '',
    legal_rep_name      VARCHAR(64) NOT NULL DEFAULT '',
    legal_rep_id_type   CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL,
    legal_rep_id_sealed VARBINARY(256) NULL,
    legal_rep_id_hash   BINARY(32) NULL,
    phone_sealed        VARBINARY(256) NULL,
    created_at          DATETIME(3) NOT NULL,
    updated_at          DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY enterprise_uscc (uscc)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
