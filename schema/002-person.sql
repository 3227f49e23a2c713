CREATE TABLE person (
    id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    id_type         CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id_no_hash      BINARY(32) NOT NULL COMMENT 'keyed hash of the normal form',
    id_no_sealed    VARBINARY(256) NOT NULL,
    name            VARCHAR(64) NOT NULL,
    sex             TINYINT UNSIGNED NOT NULL COMMENT '1 男, 2 女',
    birth           DATE NOT NULL,
    education       CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '99',
    technical_title CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
    phone_sealed    VARBINARY(256) NULL,
    capture_id      BIGINT UNSIGNED NULL COMMENT 'the photo in use (identity_capture.id)',
    created_at      DATETIME(3) NOT NULL,
    updated_at      DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY person_document (id_type, id_no_hash)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
