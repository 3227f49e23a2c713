CREATE TABLE import_run (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    kind        VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    file_sha256 BINARY(32) NOT NULL,
    file_rows   BIGINT UNSIGNED NOT NULL,
    added       BIGINT UNSIGNED NOT NULL,
    changed     BIGINT UNSIGNED NOT NULL,
    created_at  DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY import_run_kind (kind, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
