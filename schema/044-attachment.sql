CREATE TABLE attachment (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    matter_id   BIGINT UNSIGNED NULL COMMENT 'NULL: handed in, of no matter yet',
    kind        VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'what the matter asks for',
    name_sealed VARBINARY(512) NOT NULL COMMENT 'of the file',
    type        ENUM('image/jpeg', 'application/pdf') NOT NULL,
    pages       SMALLINT UNSIGNED NOT NULL,
    size        INT UNSIGNED NOT NULL,
    sha256      BINARY(32) NOT NULL COMMENT 'of what is kept, before sealing',
    sent_sha256 BINARY(32) NOT NULL COMMENT 'of what was sent: the same file twice is one attachment',
    body_sealed MEDIUMBLOB NOT NULL,
    added_by    BIGINT UNSIGNED NOT NULL COMMENT 'staff.id',
    added_at    DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY attachment_matter (matter_id, kind, id),
    CONSTRAINT attachment_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
