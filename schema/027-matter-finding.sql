CREATE TABLE matter_finding (
    matter_id BIGINT UNSIGNED NOT NULL,
    position  SMALLINT UNSIGNED NOT NULL,
    subject   VARCHAR(96) NOT NULL COMMENT 'the certificate it speaks of, in words',
    rule      VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    passed    BOOLEAN NOT NULL,
    demand    VARCHAR(255) NOT NULL,
    fact      VARCHAR(512) NOT NULL,
    advice    VARCHAR(512) NOT NULL,
    PRIMARY KEY (matter_id, position),
    CONSTRAINT matter_finding_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
