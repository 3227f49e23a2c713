CREATE TABLE seal_intent (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    job_id     BIGINT UNSIGNED NOT NULL,
    digest     BINARY(32) NOT NULL COMMENT 'SHA-256 over the ByteRange about to be signed',
    key_id     CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    signed_at  DATETIME(3) NOT NULL COMMENT 'the /M of the signature: the same again after a crash',
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY seal_intent_job (job_id, digest, key_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
