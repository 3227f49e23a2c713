CREATE TABLE form_signature (
    matter_id   BIGINT UNSIGNED NOT NULL,
    form_sha256 BINARY(32) NOT NULL COMMENT 'of the very bytes that were signed',
    signer_name VARCHAR(128) NOT NULL,
    serial      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the signer''s certificate',
    fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of that certificate',
    signed_at   DATETIME(3) NOT NULL COMMENT 'when it reached us',
    signature   BLOB NOT NULL COMMENT 'CMS, detached (RFC 5652)',
    PRIMARY KEY (matter_id),
    CONSTRAINT form_signature_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
