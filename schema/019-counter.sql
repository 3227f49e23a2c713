CREATE TABLE counter (
    name  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'serial.2026, serial.2026.B …',
    value BIGINT UNSIGNED NOT NULL COMMENT 'the last one given',
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
