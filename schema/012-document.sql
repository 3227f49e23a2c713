CREATE TABLE document (
    id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    kind           ENUM('certificate', 'departure', 'cancellation', 'form') NOT NULL,
    certificate_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
    version        SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    matter_id      BIGINT UNSIGNED NULL,
    enterprise_id  BIGINT UNSIGNED NOT NULL COMMENT 'may read it',
    intent_id      BIGINT UNSIGNED NOT NULL,
    sha256         BINARY(32) NOT NULL,
    size           INT UNSIGNED NOT NULL,
    body           MEDIUMBLOB NOT NULL,
    created_at     DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY document_subject (kind, certificate_id, version),
    UNIQUE KEY document_intent (intent_id),
    KEY document_sha256 (sha256),
    KEY document_matter (matter_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
