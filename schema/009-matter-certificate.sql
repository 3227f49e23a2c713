CREATE TABLE matter_certificate (
    matter_id      BIGINT UNSIGNED NOT NULL,
    certificate_id BIGINT UNSIGNED NOT NULL,
    version        SMALLINT UNSIGNED NOT NULL COMMENT 'the version it made, or acted upon',
    PRIMARY KEY (matter_id, certificate_id),
    KEY matter_certificate_certificate (certificate_id, matter_id),
    CONSTRAINT matter_certificate_matter FOREIGN KEY (matter_id) REFERENCES matter (id),
    CONSTRAINT matter_certificate_certificate FOREIGN KEY (certificate_id) REFERENCES certificate (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
