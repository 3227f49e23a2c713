CREATE TABLE import_problem (
    import_id   BIGINT UNSIGNED NOT NULL,
    number      INT UNSIGNED NOT NULL COMMENT 'from 1, by line',
    line        BIGINT UNSIGNED NOT NULL,
    column_name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    value       VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'shortened; masked where it is sensitive',
    said        VARCHAR(256) NOT NULL COMMENT 'what is wrong, in Chinese',
    PRIMARY KEY (import_id, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
