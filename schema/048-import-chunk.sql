CREATE TABLE import_chunk (
    id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    import_id BIGINT UNSIGNED NOT NULL,
    number    INT UNSIGNED NOT NULL COMMENT 'from 0; all but the last are of one size',
    data_sealed MEDIUMBLOB NOT NULL COMMENT 'a piece of the uploaded file',
    PRIMARY KEY (id),
    UNIQUE KEY import_chunk_number (import_id, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
