CREATE TABLE form_preparation (
    matter_id   BIGINT UNSIGNED NOT NULL,
    algorithm   VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'RS256 … (RFC 7518)',
    certificate BLOB NOT NULL COMMENT 'of the key that is going to sign, DER',
    chain       BLOB NOT NULL COMMENT 'those above it, DER one behind the other',
    serial      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the certificate, hex',
    digest      BINARY(32) NOT NULL COMMENT 'SHA-256 over the ByteRange of the form as it is signed',
    prepared_at DATETIME(3) NOT NULL COMMENT 'stands in the signature: /M',
    PRIMARY KEY (matter_id),
    CONSTRAINT form_preparation_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'how a form was made ready for a key; the last one counts'
